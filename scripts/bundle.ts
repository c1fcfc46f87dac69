// Bundles the Worker: src/index.ts → dist/bundle. wrangler runs this before it starts or deploys the Worker (`[build]` in
// wrangler.toml) and takes the files as they are. wrangler's own bundler makes one file, in which everything that a dynamic
// import may load lies in functions, also the code of every start: that takes longer to read, and twice to compile.
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { leftOut } from './bundle/left-out.ts';
import { ownNames } from './bundle/own-names.ts';
import { reduceLibraries } from './bundle/reduce-libraries.ts';

const projectDir = resolve(import.meta.dirname, '..');
const outDir = join(projectDir, 'dist', 'bundle');

const { outputFiles } = await build({
  absWorkingDir: projectDir,
  entryPoints: ['src/index.ts'],
  outdir: outDir,
  write: false,
  bundle: true,
  splitting: true,
  minify: true,
  sourcemap: 'linked',
  sourcesContent: false,
  format: 'esm',
  // To wrangler, a .js file would be CommonJS.
  outExtension: { '.js': '.mjs' },
  // The rule in wrangler.toml names them, so that it fits no file of a library.
  chunkNames: 'part-[name]-[hash]',
  target: 'es2024',
  // As wrangler's own bundler does.
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['workerd', 'worker', 'browser'],
  external: ['node:*', 'cloudflare:*'],
  define: { 'process.env.NODE_ENV': '"production"' },
  loader: { '.wasm': 'copy' },
  alias: await reduceLibraries(),
  plugins: [ownNames, leftOut],
  logLevel: 'warning',
});

// Several commands may run at the same time, so no file is ever half written, and a file that is right stays as it is.
mkdirSync(outDir, { recursive: true });
for (const { path, contents } of outputFiles) {
  if (isSame(path, contents)) continue;
  const unfinished = join(projectDir, 'dist', `${randomUUID()}.part`);
  writeFileSync(unfinished, contents);
  renameSync(unfinished, path);
}
const names = new Set(outputFiles.map(({ path }) => basename(path)));
for (const name of readdirSync(outDir)) if (!names.has(name)) rmSync(join(outDir, name), { force: true });

function isSame(path: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
