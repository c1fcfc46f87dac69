import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/** Files, and what they export. */
const FILES = {
  // They draw SVG, and read the contents of pages.
  'pdf-lib/es/api/svg\\.js': ['combineMatrix', 'transformationToMatrix', 'drawSvg'],
  'pdf-lib/es/api/extraction/extractPageContents\\.js': ['extractPageContents'],
  // To compile schemas needs eval, which a Worker does not have. No schema of JSON Schema becomes one of Zod.
  'zod/v4/core/compile\\.js': [
    ...['INVALID', 'ZodCompileAsyncError', 'ZodCompileUnsupportedError'],
    ...['compile', 'compileFn', 'withParser'],
  ],
  'zod/v4/classic/from-json-schema\\.js': ['fromJSONSchema'],
};

/**
 * Parts of libraries that no code of the Worker reaches, and that a bundler cannot see to be unused. Each throws when it is used
 * all the same, except that zod has its messages in English only.
 */
export const leftOut: Plugin = {
  name: 'left-out',
  setup({ onLoad, onResolve }) {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: `export { default as en } from './en.js';`,
    }));
    // pdf-lib has these for SVG, forms and other PDF standards, and the widths of fonts that are not embedded.
    onResolve({ filter: /^(node-html-better-parser|html-entities)$/ }, ({ path }) => ({ path, namespace: 'left-out' }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `const fail = () => { throw new Error('The bundle leaves out ${path}.'); };
        export { fail as parse, fail as encode }; export const NodeType = {};`,
    }));
    for (const [file, names] of Object.entries(FILES))
      onLoad({ filter: new RegExp(`/${file}$`) }, ({ path }) => ({
        contents: `function fail() { throw new Error('The bundle leaves out ${basename(path)}.'); }
          export { ${names.map((name) => `fail as ${name}`).join(', ')} };`,
      }));
    // pdf-lib makes its converter of colour names when it loads.
    onResolve({ filter: /^culori$/ }, () => ({ path: 'culori', namespace: 'colours' }));
    onLoad({ filter: /.*/, namespace: 'colours' }, () => ({
      contents: `export const converter = () => () => { throw new Error('The bundle leaves out culori.'); };`,
    }));
    onLoad({ filter: /standard-fonts\/[A-Z][\w-]+\.compressed\.json$/ }, () => ({ contents: '""', loader: 'json' }));
  },
};
