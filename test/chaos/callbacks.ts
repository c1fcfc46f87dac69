// Receives the callbacks of the chaos test, and answers each with 200.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Callbacks {
  url: string;
  /** By workflow id: the distinct `webhook-id` headers, and how many requests there were. */
  received: Map<string, { ids: Set<string>; requests: number }>;
  stop(): Promise<void>;
}

export async function receiveCallbacks(): Promise<Callbacks> {
  const received: Callbacks['received'] = new Map();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { data } = JSON.parse(text) as { data: { workflow_id: string } };
      const known = received.get(data.workflow_id) ?? { ids: new Set(), requests: 0 };
      known.ids.add(String(request.headers['webhook-id']));
      known.requests++;
      received.set(data.workflow_id, known);
      response.end();
    });
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
