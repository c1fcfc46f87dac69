// Libraries without the parts that the Worker cannot reach. The bundle and the tests use the same files, so each test of a picture
// or of a PDF that is read is also a test of what was left out. A file is made once: npm run dev does not wait for it again.
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { exportsIn, reduceWasm } from './reduce-wasm.ts';

const projectDir = resolve(import.meta.dirname, '..', '..');
/** The code in this folder: a change of it changes the files. */
const ownCode = readdirSync(import.meta.dirname)
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('');

/** The path of the reduced file of each module, by what the sources import. */
export async function reduceLibraries(): Promise<Record<string, string>> {
  const files = {
    '@cf-wasm/photon/photon.wasm': wasm('@cf-wasm/photon/dist/lib/photon_rs_bg.wasm', 'photon.ts'),
    'unpdf/pdfjs': once('unpdf/dist/pdfjs.mjs', '', pdfjs),
  };
  return Object.fromEntries(
    await Promise.all(Object.entries(files).map(async ([module, file]) => [module, await file])),
  );
}

/** `user`: the only source of src/images that uses the module. Its interface names the exports that are kept. */
function wasm(library: string, user: string): Promise<string> {
  const kept = exportsIn(readFileSync(join(projectDir, 'src', 'images', user), 'utf8'));
  return once(library, kept.join(), (bytes) => reduceWasm(bytes, kept, library));
}

/** What reads the code of PDF.js is large, so it loads only when there is work for it. */
async function pdfjs(bytes: Uint8Array): Promise<Uint8Array> {
  const { reducePdfjs } = await import('./reduce-pdfjs.ts');
  return reducePdfjs(bytes);
}

/** The file that `reduce` makes of a library. `kept`: what the sources say about it. */
async function once(
  library: string,
  kept: string,
  reduce: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): Promise<string> {
  const bytes = readFileSync(join(projectDir, 'node_modules', library));
  const hash = createHash('sha256').update(ownCode).update(kept).update(bytes).digest('hex').slice(0, 16);
  const path = join(projectDir, 'dist', 'reduced', hash, basename(library));
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  // Several commands may run at the same time, so no file is ever half written.
  const unfinished = join(dirname(path), `${randomUUID()}.part`);
  writeFileSync(unfinished, await reduce(bytes));
  renameSync(unfinished, path);
  return path;
}
