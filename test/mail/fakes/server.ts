// An HTTP server on 127.0.0.1 that does what each request orders in a header. The fakes decide what a provider would answer
// (fake.ts); here the status, the headers, the silence and the broken connections are real. vitest.config.ts starts one server in
// Node for all test files.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the provider would get it. */
export interface Asked {
  method: string;
  /** The URL that the provider was called under. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
}

/** What to do with a request. */
export type Order = 'reset' | 'hang' | { status: number; headers: Record<string, string>; body: string };

/** Looks at a request before it is answered, and may change the answer. */
export type Inspect = (asked: Asked, order: Order) => Promise<Order>;

/** The URL of a server that ends with the process. */
export async function startServer(inspect: Inspect = async (_, order) => order): Promise<string> {
  const server = createServer((request, response) => {
    // Waits for the whole request, as a provider does.
    request.on('error', () => {});
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const order = await inspect(askedIn(request, Buffer.concat(chunks)), orderIn(request));
      if (order === 'reset') request.socket.destroy();
      else if (order !== 'hang') response.writeHead(order.status, order.headers).end(order.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function orderIn({ headers }: IncomingMessage): Order {
  return JSON.parse(decodeURIComponent(String(headers['x-order']))) as Order;
}

function askedIn({ method = '', headers }: IncomingMessage, body: Buffer): Asked {
  const { 'x-order': _, 'x-url': url, ...own } = headers;
  return { method, url: String(url), headers: own as Record<string, string>, body };
}
