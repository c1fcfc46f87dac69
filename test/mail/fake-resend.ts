// Resend as far as a caller can tell, behind globalThis.fetch: what it refuses, and what it remembers under an idempotency
// key. The rules are those of test/chaos, which imitates its bad days over a real connection.
import { vi } from 'vitest';
import { type Answer, type Mail, readMail, refusal } from '../chaos/resend-rules.ts';

/** What happens to the next calls, one each: an answer instead of Resend's own, or a fault on the way. */
export type Turn = Answer | 'reset' | 'reset after accepting' | 'hang' | 'no id';

export interface FakeProvider {
  /** Mails accepted. A repeat under a known key is none. */
  accepted: Mail[];
  /** Every call so far. */
  requests: Request[];
  /** Faults for the next calls. */
  next(...turns: Turn[]): void;
  /** Forgets the idempotency keys, as Resend does after 24 hours. */
  forget(): void;
}

export const RESEND_URL = 'https://resend.test';

/** Intercepts fetch until vi.restoreAllMocks(). */
export function fakeResend(apiKey = 're_good'): FakeProvider {
  const known = new Map<string, { payload: string; id: string }>();
  const turns: Turn[] = [];
  const fake: FakeProvider = {
    accepted: [],
    requests: [],
    next: (...more) => turns.push(...more),
    forget: () => known.clear(),
  };

  const accept = (mail: Mail): Answer => {
    const before = mail.key === undefined ? undefined : known.get(mail.key);
    if (before && before.payload !== mail.payload) {
      return refusal(409, 'invalid_idempotent_request', 'The key was used with a different payload.');
    }
    const id = before?.id ?? crypto.randomUUID();
    if (!before) fake.accepted.push(mail);
    if (mail.key !== undefined) known.set(mail.key, { payload: mail.payload, id });
    return { status: 200, body: { id } };
  };

  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    fake.requests.push(request.clone() as Request);
    const url = new URL(request.url);
    if (url.origin !== RESEND_URL) throw new Error(`nothing is expected to call ${url.origin}`);
    const turn = turns.shift();
    if (turn === 'reset') throw new TypeError('Network connection lost.');
    if (turn === 'hang') return hang(request.signal);
    if (typeof turn === 'object') return respond(turn);
    const headers = Object.fromEntries(request.headers) as Record<string, string>;
    if (headers.authorization !== `Bearer ${apiKey}` && headers.authorization?.startsWith('Bearer re_')) {
      return respond(refusal(401, 'invalid_api_key', 'API key is invalid.'));
    }
    const mail = readMail({ method: request.method, path: url.pathname, headers, body: await request.text() });
    if ('status' in mail) return respond(mail);
    const answer = accept(mail);
    if (turn === 'reset after accepting') throw new TypeError('Network connection lost.');
    return turn === 'no id' ? new Response('<html>ok</html>') : respond(answer);
  });
  return fake;
}

function respond({ status, headers, body }: Answer): Response {
  return Response.json(body, { status, ...(headers && { headers }) });
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
