// An HTTP server on 127.0.0.1 that does what each request orders in a header. The fakes decide what a provider would answer
// (fake.ts); here the status, the headers, the silence and the broken connections are real. vitest.config.ts starts one server in
// Node for all test files.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The URL of a server that ends with the process. */
export async function startServer(): Promise<string> {
  const server = createServer((request, response) => {
    // Waits for the whole request, as a provider does.
    request.on('error', () => {});
    request.resume().on('end', () => {
      const order = JSON.parse(decodeURIComponent(String(request.headers['x-order']))) as Order;
      if (order === 'reset') request.socket.destroy();
      else if (order !== 'hang') response.writeHead(order.status, order.headers).end(order.body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What to do with a request. */
export type Order = 'reset' | 'hang' | { status: number; headers: Record<string, string>; body: string };
