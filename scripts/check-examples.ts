// `node scripts/check-examples.ts`: compiles every fenced `ts` example of the README and of docs/, each as if it stood in a
// file of src/tasks/. Errors show the page and its line.
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Not in git. */
const folder = join(root, 'dist', 'examples');

interface Example {
  page: string;
  /** The line of the page on which the code begins, from 1. */
  line: number;
  code: string;
}

function examplesOf(page: string): Example[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```ts[^\n]*\n([\s\S]*?)^```$/gm)].map((fence) => ({
    page,
    line: text.slice(0, fence.index).split('\n').length + 1,
    code: fence[1] ?? '',
  }));
}

/** Blank lines before the code give each of its lines the number it has on the page. */
function writeExample({ page, line, code }: Example): void {
  const name = `${page.replaceAll('/', '-')}-${line}.ts`;
  writeFileSync(join(folder, 'tasks', name), `${'\n'.repeat(line - 1)}${code}export {};\n`);
}

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })].filter(
  (page) => globSync(page, { cwd: root }).length > 0,
);
const examples = pages.flatMap(examplesOf);

rmSync(folder, { recursive: true, force: true });
mkdirSync(join(folder, 'tasks'), { recursive: true });
for (const example of examples) writeExample(example);
const config = {
  extends: '../../tsconfig.json',
  // Lets `../engine/index.ts` mean what it means in src/tasks/.
  compilerOptions: { rootDirs: ['.', '../../src'] },
  include: ['tasks', '../../src'],
  exclude: ['../../src/dashboard'],
};
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));

const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-p', folder], { stdio: 'inherit' });
if (status === 0) process.stdout.write(`${examples.length} examples of ${pages.length} pages compile.\n`);
process.exitCode = status ?? 1;
