// The project as it was at a commit, in a folder of its own.
import { join } from 'node:path';
import { run, scratchFolder } from './processes.ts';

const ROOT = join(import.meta.dirname, '..');
const SECONDS = 300;

/** A folder with the project as it was at a commit, with its own packages. */
export async function checkOut(ref: string): Promise<string> {
  const folder = await scratchFolder();
  await run(['git', 'clone', '--quiet', '--shared', '--no-checkout', ROOT, folder], { seconds: SECONDS });
  await run(['git', 'checkout', '--quiet', '--detach', ref], { cwd: folder, seconds: SECONDS });
  await run(['npm', 'ci', '--no-audit', '--no-fund'], { cwd: folder, seconds: SECONDS });
  return folder;
}
