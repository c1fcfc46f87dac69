// Which port to listen on: the one asked for, else the first free one from the default upwards.
import { createServer } from 'node:net';
import { UsageError } from '../options.ts';

const firstPort = 8787;
const tries = 100;

/**
 * The port to use. `asked` is taken or refused (0: any free one); without it, the first free port from 8787 upwards.
 * @throws UsageError when `asked` is no port, or is in use.
 */
export async function choosePort(asked: string | undefined): Promise<number> {
  if (asked !== undefined) {
    const port = Number(asked);
    if (!/^\d+$/.test(asked) || port > 65_535) throw new UsageError(`--port ${asked} is not a port (0 to 65535).`);
    const got = await listenOnce(port);
    if (got === undefined)
      throw new UsageError(`port ${port} is in use. Stop what listens there, or give another --port.`);
    return got;
  }
  for (let port = firstPort; port < firstPort + tries; port++) {
    if ((await listenOnce(port)) !== undefined) return port;
  }
  throw new UsageError(`no free port between ${firstPort} and ${firstPort + tries - 1}. Give one with --port.`);
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
