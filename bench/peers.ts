// The peers: which of them this machine has, and how their servers are started.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, run, type Server, scratchFolder, start } from './processes.ts';

/** Debian's Python and no other: the packages belong to it. */
export const PYTHON = '/usr/bin/python3';
export const PEERS_FOLDER = join(import.meta.dirname, 'peers');
export const APT_LINE =
  'apt-get install -y redis-server python3-celery python3-redis python3-hiredis python3-fastapi uvicorn python3-uvloop python3-httptools python3-pil wrk';

export type Peer = 'redis-server' | 'celery' | 'bullmq' | 'fastapi' | 'pillow' | 'wrk';

export interface Redis extends Server {
  readonly port: number;
  /** For the processes of a peer: the port. */
  readonly env: Record<string, string>;
}

const VERSIONS: Record<Peer, readonly string[]> = {
  'redis-server': ['redis-server', '--version'],
  celery: [PYTHON, '-c', 'import celery, redis; print(celery.__version__)'],
  bullmq: ['node', '-p', "require('./node_modules/bullmq/package.json').version"],
  fastapi: [PYTHON, '-c', 'import fastapi, uvicorn; print(fastapi.__version__)'],
  pillow: [PYTHON, '-c', 'import PIL; print(PIL.__version__)'],
  wrk: ['sh', '-c', 'command -v wrk && wrk -v 2>&1 | head -1'],
};

/** The version of each peer that is installed here. */
export async function findPeers(): Promise<Map<Peer, string>> {
  const found = new Map<Peer, string>();
  for (const [peer, command] of Object.entries(VERSIONS) as [Peer, readonly string[]][]) {
    const output = await run(command, { cwd: import.meta.dirname, seconds: 20 }).catch(() => undefined);
    const version = output?.match(/\d+\.\d+(\.\d+)?/)?.[0];
    if (version) found.set(peer, version);
  }
  return found;
}

/** The installed accelerators of the Python peers. They make the peers faster, so the table names them. */
export async function findAccelerators(): Promise<string[]> {
  if (!existsSync(PYTHON)) return [];
  const code = "import importlib.util as u; print(*[m for m in ('hiredis','uvloop','httptools') if u.find_spec(m)])";
  return (await run([PYTHON, '-c', code], { seconds: 20 }).catch(() => '')).split(/\s+/).filter(Boolean);
}

/** An empty Redis that keeps nothing on disk: its fastest setting. */
export async function startRedis(): Promise<Redis> {
  const port = await freePort();
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const command = ['redis-server', ...settings, '--dir', await scratchFolder()];
  const server = await start(command, /Ready to accept connections/, { seconds: 20 });
  return { port, env: { REDIS_PORT: `${port}` }, stop: server.stop };
}

/** A Celery worker with two prefork processes, otherwise as Celery ships it. Resolves when it has run a first task. */
export async function startCelery(redis: Redis): Promise<Server> {
  const pool = ['--pool', 'prefork', '--concurrency', '2', '--loglevel', 'WARNING'];
  const command = [PYTHON, '-m', 'celery', '-A', 'noop_celery', 'worker', ...pool];
  const server = await start(command, /celery@/, { cwd: PEERS_FOLDER, env: redis.env, seconds: 30 });
  await run([PYTHON, 'celery_bulk.py', '1', '1'], { cwd: PEERS_FOLDER, env: redis.env, seconds: 60 });
  return server;
}

/** FastAPI in one uvicorn process, without an access log. */
export async function startFastApi(redis: Redis): Promise<Server & { readonly url: string }> {
  const port = await freePort();
  const settings = ['--host', '127.0.0.1', '--port', `${port}`, '--workers', '1', '--no-access-log'];
  const command = [PYTHON, '-m', 'uvicorn', 'fastapi_app:app', ...settings];
  const server = await start(command, /running on/, { cwd: PEERS_FOLDER, env: redis.env, seconds: 30 });
  return { url: `http://127.0.0.1:${port}`, stop: server.stop };
}
