// One request to the API: what is refused becomes an ApiError that can be shown, a broken connection a LostConnection.
import { createStore } from './store.ts';

/** A refusal, as the problem document says it (RFC 9457). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly issues: { path: string; message: string }[],
    readonly requestId: string,
  ) {
    super(detail ? `${title}: ${detail}` : title);
  }
}

/** The request did not reach the Worker, or its reply did not arrive. */
export class LostConnection extends Error {
  override readonly name = 'LostConnection';
}

/** Is the Worker out of reach? Set by every request. */
export const connectionLost = createStore(false);

/** Counts replies of 401: each means that the session is over. */
export const signedOut = createStore(0);

/** fetch() that throws ApiError for a status that is no success, and LostConnection. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(input, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connectionLost.set(true);
    throw new LostConnection('The server cannot be reached', { cause: error });
  }
  connectionLost.set(false);
  if (reply.ok) return reply;
  const error = await readProblem(reply);
  if (error.status === 401) signedOut.set(signedOut.get() + 1);
  throw error;
}

async function readProblem(reply: Response): Promise<ApiError> {
  const text = await reply.text().catch(() => '');
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Not the API's own words: a proxy in between.
  }
  const say = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  const issues = Array.isArray(body.errors) ? (body.errors as ApiError['issues']) : [];
  const title = say('title') || `The server answered ${reply.status}`;
  return new ApiError(reply.status, say('code'), title, say('detail'), issues, say('request_id'));
}
