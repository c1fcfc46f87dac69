// The modules of a build, as Miniflare takes them.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const TYPES = { js: 'ESModule', mjs: 'ESModule', wasm: 'CompiledWasm', ttf: 'Data', bin: 'Data' } as const;

/** All modules of the folder; the entry, `index.js` or `index.mjs`, comes first. */
export function modulesOf(folder: string) {
  const modules = readdirSync(folder, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const type = TYPES[name.split('.').at(-1) as keyof typeof TYPES];
    const path = join(folder, name);
    return type ? [{ type, path: relative(folder, path), contents: readFileSync(path) }] : [];
  });
  return modules.sort((a, b) => Number(isEntry(b.path)) - Number(isEntry(a.path)));
}

export function isEntry(path: string): boolean {
  return /^index\.m?js$/.test(path);
}
