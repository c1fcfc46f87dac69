// A local mail API that imitates Resend with its idempotency keys. It fails on purpose: errors, rate limits, slow replies, and
// connections that are reset after a mail was accepted. Sends nothing. `node fake-resend.ts` runs it alone.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Counts, createLedger } from './ledger.ts';
import { seededRandom } from './random.ts';
import { type Answer, readMail, refusal } from './resend-rules.ts';

export interface FakeResend {
  /** The base URL to give as `RESEND_BASE_URL`. */
  url: string;
  counts(): Counts;
  stop(): Promise<void>;
}

export interface FakeResendOptions {
  /** Default: any free port. */
  port?: number;
  seed?: number;
  /** Share of valid calls that get 500 or 429 (`retry-after: 1`). Default: 0.1. With 0, slowRate and resetRate default to 0. */
  faultRate?: number;
  /** Share of valid calls that take 1 to 3 seconds. Default: half of `faultRate`. */
  slowRate?: number;
  /** Share of accepted mails whose caller sees only a reset connection. Default: half of `faultRate`. */
  resetRate?: number;
}

/** Starts the fake on 127.0.0.1. */
export async function startFakeResend(options: FakeResendOptions = {}): Promise<FakeResend> {
  const { port = 0, seed = 1, faultRate = 0.1 } = options;
  const { slowRate = faultRate / 2, resetRate = faultRate / 2 } = options;
  const random = seededRandom(seed);
  const ledger = createLedger();

  // Returns undefined if the connection must be reset.
  async function handle(request: IncomingMessage): Promise<Answer | undefined> {
    const markAnswered = ledger.arrive();
    const mail = readMail({
      method: request.method ?? '',
      path: new URL(request.url ?? '/', 'http://localhost').pathname,
      headers: request.headers as Record<string, string | undefined>,
      body: await readText(request),
    });
    if ('status' in mail) {
      ledger.tally.refused++;
      return mail;
    }
    const known = ledger.recall(mail);
    if (known) {
      if (known.status === 200) markAnswered();
      return known;
    }
    const fault = random();
    if (fault < faultRate / 2) {
      ledger.faults.error500++;
      return refusal(500, 'internal_server_error', 'An unexpected error occurred.');
    }
    if (fault < faultRate) {
      ledger.faults.error429++;
      const message = 'Too many requests. Please limit the number of requests per second.';
      return refusal(429, 'rate_limit_exceeded', message, { 'retry-after': '1' });
    }
    const slow = random() < slowRate;
    const slowBefore = random() < 0.5;
    const reset = random() < resetRate;
    const pauseMs = slow ? 1000 + random() * 2000 : 0;
    if (slow) ledger.faults.slow++;
    if (reset) ledger.faults.reset++;
    const end = ledger.begin(mail);
    if (slowBefore) await wait(pauseMs);
    // From here on, the mail counts as sent, even if the caller gets no reply.
    const answer = ledger.accept(mail);
    markAnswered();
    end();
    if (!slowBefore) await wait(pauseMs);
    return reset ? undefined : answer;
  }

  const server = createServer((request, response) => {
    handle(request)
      .then((answer) => (answer ? send(response, answer) : request.socket.destroy()))
      .catch((error: unknown) => send(response, refusal(500, 'internal_server_error', String(error))));
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts: () => ledger.counts(),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
  response.end(JSON.stringify(answer.body));
}

// If the caller is killed, the body never ends, and the request is never handled.
async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

if (import.meta.main) {
  const fake = await startFakeResend({ port: Number(process.env.PORT ?? 0) });
  process.stdout.write(`The fake Resend listens on ${fake.url}.\n`);
}
