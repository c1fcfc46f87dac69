// A checkout of this project without the proxies of `wrangler dev`: its requests reach the Worker over a socket of workerd.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Errand } from './errand.ts';
import { freePort, ROOT, run, scratchFolder, start } from './processes.ts';

const SECONDS = 300;

/** Builds the Worker of the checkout and runs it on a new database. */
export async function startStraight(project: string = ROOT): Promise<Errand> {
  const [state, build] = [await scratchFolder(), await scratchFolder()];
  await mkdir(join(project, 'dist', 'dashboard'), { recursive: true });
  await run(['wrangler', 'deploy', '--dry-run', '--outdir', build], { cwd: project, seconds: SECONDS });
  const migrate = ['wrangler', 'd1', 'migrations', 'apply', 'errand', '--local', '--persist-to', state];
  await run(migrate, { cwd: project, seconds: SECONDS });
  const port = await freePort();
  const command = ['node', join(ROOT, 'bench', 'direct.ts'), join(project, 'wrangler.toml'), build, state, `${port}`];
  const server = await start(command, /Ready/, { seconds: SECONDS });
  return { ...server, url: `http://127.0.0.1:${port}` };
}
