// Chooses the port of the dev server.
import { createServer } from 'node:net';
import { UsageError } from '../options.ts';

const firstPort = 8787;
const tries = 100;

/**
 * Returns `wanted` if it is free (0: any free port). Without `wanted`, returns the first free port from 8787 upwards.
 * @throws UsageError if `wanted` is not a port or is in use.
 */
export async function choosePort(wanted: string | undefined): Promise<number> {
  if (wanted !== undefined) {
    const port = Number(wanted);
    if (!/^\d+$/.test(wanted) || port > 65_535)
      throw new UsageError(`--port ${wanted} is not a port. Give a number from 0 to 65535.`);
    const free = await listenOnce(port);
    if (free === undefined)
      throw new UsageError(`Port ${port} is in use. Stop the program that uses it, or choose another --port.`);
    return free;
  }
  for (let port = firstPort; port < firstPort + tries; port++) {
    if ((await listenOnce(port)) !== undefined) return port;
  }
  throw new UsageError(`No port from ${firstPort} to ${firstPort + tries - 1} is free. Choose a port with --port.`);
}

function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
