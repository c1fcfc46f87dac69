// `node scripts/check-dashboard.ts`: checks the types of the dashboard. The type of the app pulls in the Worker's files, which
// do not compile with the browser's globals. So only errors in src/dashboard count here; `tsc -p .` checks the Worker's files.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { projectDir } from './wrangler.ts';

const tsc = join(projectDir, 'node_modules', '.bin', 'tsc');
const { status, stdout, stderr } = spawnSync(tsc, ['-p', 'src/dashboard', '--pretty', 'false'], {
  cwd: projectDir,
  encoding: 'utf8',
});

/** Each error with the indented lines that explain it. */
const errors = stdout.split(/\n(?=\S)/).filter((text) => text.trim() !== '');
// Errors without a file, such as a broken tsconfig, count too.
const own = errors.filter((text) => text.startsWith('src/dashboard/') || !/^\S+\(\d+,\d+\): /.test(text));
for (const text of own) process.stdout.write(`${text.trimEnd()}\n`);
if (status === null || (status !== 0 && errors.length === 0))
  process.stderr.write(stderr || 'error: The TypeScript compiler did not run. Run `npm ci` first.\n');
process.exitCode = own.length > 0 || status === null || (status !== 0 && errors.length === 0) ? 1 : 0;
