// `node scripts/check-examples.ts`: compiles every fenced `ts` example of the README and of docs/. An example whose first line
// names a file (`// src/tasks/receipt-send.ts`) is compiled as that file, with the diffs of its page; any other as a file of
// src/tasks/, where errors show the page and its line.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blocksOf, type PageBlock } from './pages/blocks.ts';
import { applyDiff } from './pages/diff.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Not in git. */
const folder = join(root, 'dist', 'examples');

interface Example extends PageBlock {
  page: string;
}

function examplesOf(page: string): Example[] {
  const blocks = blocksOf(readFileSync(join(root, page), 'utf8'));
  return blocks.filter(({ language }) => language === 'ts' || language === 'diff').map((block) => ({ page, ...block }));
}

function writeExample({ page, line, language, code, path }: Example): void {
  const file = join(folder, path ?? join('src', 'tasks', `${page.replaceAll('/', '-')}-${line}.ts`));
  mkdirSync(dirname(file), { recursive: true });
  if (path === undefined) {
    // Blank lines before the code give each of its lines the number it has on the page.
    writeFileSync(file, `${'\n'.repeat(line - 1)}${code}export {};\n`);
  } else if (language === 'ts') {
    writeFileSync(file, code);
  } else {
    const text = readFileSync(existsSync(file) ? file : join(root, path), 'utf8');
    writeFileSync(file, applyDiff(text, code));
  }
}

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })].filter(
  (page) => globSync(page, { cwd: root }).length > 0,
);
const examples = pages.flatMap(examplesOf);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const example of examples) writeExample(example);
const config = {
  extends: '../../tsconfig.json',
  // Lets `../engine/index.ts` mean what it means in src/tasks/.
  compilerOptions: { rootDirs: ['.', '../..'] },
  include: ['.', '../../src', '../../test/support'],
  exclude: ['../../src/dashboard'],
};
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));

const count = examples.filter(({ language }) => language === 'ts').length;
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(tsc, ['-p', folder], { stdio: 'inherit' });
if (status === 0) process.stdout.write(`${count} examples of ${pages.length} pages compile.\n`);
process.exitCode = status ?? 1;
