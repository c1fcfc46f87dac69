// Sends one request to the API. Throws ApiError if the API refuses it, and LostConnection if there is no reply.
import { createStore } from './store.ts';

/** A refusal, with the fields of its problem document (RFC 9457). */
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

/** True while the Worker cannot be reached. Every request sets it. */
export const connectionLost = createStore(false);

/** Counts replies with status 401. Each means that the session has ended. */
export const signedOut = createStore(0);

/** Like fetch(), but throws ApiError for a status outside 200–299, and LostConnection. */
export async function send(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  let reply: Response;
  try {
    reply = await fetch(input, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    connectionLost.set(true);
    throw new LostConnection('The server cannot be reached.', { cause: error });
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
    // The reply is not from the API but, for example, from a proxy.
  }
  const field = (name: string) => (typeof body[name] === 'string' ? body[name] : '');
  const issues = Array.isArray(body.errors) ? (body.errors as ApiError['issues']) : [];
  const title = field('title') || `The server answered with status ${reply.status}`;
  return new ApiError(reply.status, field('code'), title, field('detail'), issues, field('request_id'));
}
