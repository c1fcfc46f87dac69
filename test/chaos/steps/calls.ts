// The server behind the steps of the chaos test: gives each call a ticket, and keeps what was asked. Answers late, so that kills
// come between a call and its record; and answers some calls with 500, so that attempts fail between the kills.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { seededRandom } from '../random.ts';

/** A call of a step or of its undo, as the task sends it. */
export interface Asked {
  label: string;
  step: string;
  kind: 'do' | 'undo';
  /** One run of the task's code: each attempt is another runner. */
  runner: string;
  /** The idempotency key. */
  key: string;
  /** What the steps before returned to this runner; for an undo, what its step returned. */
  tickets: number[];
}

export interface Call extends Asked {
  ticket: number;
  /** Epoch milliseconds. */
  arrivedAt: number;
  /** False: it was answered with 500. */
  isTaken: boolean;
}

export interface CountingServer {
  url: string;
  calls: readonly Call[];
  /** How many calls have not been answered yet. */
  inFlight(): number;
  stop(): Promise<void>;
}

const REFUSED = 0.02;
const MAX_PAUSE_MS = 250;

export async function startCountingServer(seed: number): Promise<CountingServer> {
  const random = seededRandom(seed);
  const calls: Call[] = [];
  let inFlight = 0;

  async function handle(request: IncomingMessage): Promise<{ status: number; body: string }> {
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const ticket = calls.length + 1;
    const isTaken = random() >= REFUSED;
    calls.push({ ...(JSON.parse(text) as Asked), ticket, arrivedAt: Date.now(), isTaken });
    inFlight++;
    await wait(random() * MAX_PAUSE_MS);
    inFlight--;
    return isTaken ? { status: 200, body: String(ticket) } : { status: 500, body: 'on purpose' };
  }

  const server = createServer((request, response) => {
    // A caller that was killed never gets the answer.
    response.on('error', () => {});
    handle(request).then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    calls,
    inFlight: () => inFlight,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
