// The common part of all fake providers. They refuse what the real provider refuses, keep accepted mails in one form, and
// fail when a test wants it. fetch is redirected to a local server, which answers or breaks the connection as the fake
// says.
import { env } from 'cloudflare:workers';
import { vi } from 'vitest';
import type { Order } from './server.ts';

/** An accepted mail, as the provider understands it. */
export interface Arrived {
  from: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  text: string | undefined;
  html: string | undefined;
  headers: Record<string, string>;
  tags: Record<string, string>;
  attachments: { filename: string; contentType: string; contentId: string | undefined; content: string }[];
}

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  /** A string is sent as it is. */
  body: unknown;
}

/**
 * What happens to one call: an answer instead of the provider's own, a fault on the way, its own answer without the id, or the
 * page of a proxy. The last two come after the provider accepted the mail.
 */
export type Turn = Answer | 'reset' | 'reset after accepting' | 'hang' | 'no id' | 'page';

export interface FakeProvider<Call = Request> {
  /** The accepted mails. A repeat under a known idempotency key is not accepted again. */
  accepted: Arrived[];
  /** Every call so far. */
  requests: Call[];
  /** Sets what happens to the next calls, one turn each. */
  next(...turns: Turn[]): void;
  /** Forgets the idempotency keys. */
  forget(): void;
}

/** Thrown by a fake that refuses. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`);
  }
}

export interface Rules {
  origin: string;
  /** Reads and checks a call as the provider does. Throws Refusal. `key`: its idempotency key. */
  read(request: Request): Promise<{ mail: Arrived; key?: string | undefined }>;
  accepted(id: string): Answer;
  /** The answer when a known idempotency key is used with another payload. */
  conflict?: Answer;
}

const realFetch = globalThis.fetch;

/** Intercepts fetch until vi.restoreAllMocks(). Several fakes may be active at the same time. */
export function startFake(rules: Rules): FakeProvider {
  const known = new Map<string, { payload: string; id: string }>();
  const turns: Turn[] = [];
  const fake: FakeProvider = {
    accepted: [],
    requests: [],
    next: (...more) => turns.push(...more),
    forget: () => known.clear(),
  };

  const accept = (mail: Arrived, key: string | undefined): Answer => {
    const payload = JSON.stringify(mail);
    const before = key === undefined ? undefined : known.get(key);
    if (before && before.payload !== payload) throw new Refusal(rules.conflict as Answer);
    const id = before?.id ?? crypto.randomUUID();
    if (!before) fake.accepted.push(mail);
    if (key !== undefined) known.set(key, { payload, id });
    return rules.accepted(id);
  };

  const elsewhere = vi.isMockFunction(globalThis.fetch)
    ? vi.mocked(globalThis.fetch).getMockImplementation()
    : undefined;
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    if (new URL(request.url).origin !== rules.origin) {
      if (elsewhere) return elsewhere(input, init);
      throw new Error(`nothing is expected to call ${new URL(request.url).origin}`);
    }
    fake.requests.push(request.clone() as Request);
    return ask(request.clone() as Request, await orderFor(request, turns.shift()));
  });
  return fake;

  async function orderFor(request: Request, turn: Turn | undefined): Promise<Order> {
    if (turn === 'reset' || turn === 'hang') return turn;
    if (typeof turn === 'object') return toOrder(turn);
    try {
      const { mail, key } = await rules.read(request);
      const answer = accept(mail, key);
      if (turn === 'reset after accepting') return 'reset';
      if (turn === 'page') return { status: 200, headers: {}, body: '<html>ok</html>' };
      return toOrder(turn === 'no id' ? { status: answer.status, body: answer.body === '' ? '' : {} } : answer);
    } catch (error) {
      if (error instanceof Refusal) return toOrder(error.answer);
      throw error;
    }
  }
}

function toOrder({ status, headers = {}, body }: Answer): Order {
  if (typeof body === 'string') return { status, headers, body };
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** Sends the same request over a real connection to the local server, with the order what to do with it. */
async function ask(request: Request, order: Order): Promise<Response> {
  const { method, signal } = request;
  const body = await request.arrayBuffer();
  const headers = new Headers(request.headers);
  headers.set('x-order', encodeURIComponent(JSON.stringify(order)));
  headers.set('x-url', request.url);
  return realFetch(env.PROVIDER_SERVER, { method, headers, body, signal, redirect: 'manual' });
}

/** The body as an object that may only have these fields, so that a misspelt field is found. `refuse` makes the refusal. */
export async function readFields(
  request: Request,
  fields: readonly string[],
  refuse: (message: string) => Refusal,
): Promise<Record<string, unknown>> {
  if (!request.headers.get('content-type')?.startsWith('application/json')) throw refuse('not JSON');
  const body = (await request.json().catch(() => undefined)) as Record<string, unknown> | undefined;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuse('not a JSON object');
  only(body, fields, refuse);
  return body;
}

export function only(record: object, fields: readonly string[], refuse: (message: string) => Refusal): void {
  const unknown = Object.keys(record).filter((field) => !fields.includes(field));
  if (unknown.length > 0) throw refuse(`unknown fields: ${unknown.join(', ')}`);
}

export const isAddress = (text: unknown): text is string =>
  typeof text === 'string' && /^[^\s<>@,]+@[^\s<>@,]+\.[^\s<>@,]+$/.test(text);

/** Decodes base64. Throws the refusal when it is not base64. */
export function decoded(content: unknown, refuse: (message: string) => Refusal): string {
  if (typeof content !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) throw refuse('content is not base64');
  return atob(content);
}
