// `node scripts/check-dashboard.ts`: compiles the dashboard. Through the type of the app it sees the Worker's files as well,
// and those mean the Worker's globals where the browser has others of the same names: they have their own check (tsc -p .),
// so of this one only what is said of the dashboard counts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectDir } from './wrangler.ts';

const tsc = join(projectDir, 'node_modules', '.bin', 'tsc');
const { status, stdout, stderr } = spawnSync(tsc, ['-p', 'src/dashboard', '--pretty', 'false'], {
  cwd: projectDir,
  encoding: 'utf8',
});

/** An error with the indented lines that explain it. */
const errors = stdout.split(/\n(?=\S)/).filter((text) => text.trim() !== '');
// What names no file (a broken tsconfig) counts, too.
const own = errors.filter((text) => text.startsWith('src/dashboard/') || !/^\S+\(\d+,\d+\): /.test(text));
for (const text of own) process.stdout.write(`${text.trimEnd()}\n`);
if (status === null || (status !== 0 && errors.length === 0)) process.stderr.write(stderr || 'tsc did not run\n');
process.exitCode = own.length > 0 || status === null || (status !== 0 && errors.length === 0) ? 1 : 0;
