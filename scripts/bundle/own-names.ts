// Functions and classes of src keep their names, as with wrangler's own bundler: tracebacks show them, and an error that is named
// after its class keeps its type. Those of libraries lose them: to name each takes a call, at every start.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Plugin, transform } from 'esbuild';

/** What esbuild writes into each file. All get one from one place. */
const HELPER = /^var __defProp = .*;\nvar __name = .*;$/m;
const IMPORT = `import { __name } from ${JSON.stringify(join(import.meta.dirname, 'name.js'))};`;

export const ownNames: Plugin = {
  name: 'own-names',
  setup({ initialOptions, onLoad }) {
    const { absWorkingDir = '' } = initialOptions;
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!path.startsWith(join(absWorkingDir, 'src'))) return undefined;
      const { code } = await transform(readFileSync(path, 'utf8'), {
        loader: 'ts',
        keepNames: true,
        target: 'es2024',
        sourcefile: path,
        sourcemap: 'inline',
        sourcesContent: false,
      });
      // The lines stay, so that the source map fits.
      return { contents: code.replace(HELPER, `\n${IMPORT}`), loader: 'js' };
    });
  },
};
