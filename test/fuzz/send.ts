// Sends one request as it is: fetch() would tidy its path and its headers.
import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Answer } from '../support/contract.ts';
import type { FuzzRequest } from './request.ts';

const agent = new Agent({ keepAlive: true });
/** For a machine that is busy with other things. */
const TIMEOUT_MS = 60_000;
/** An event stream stays open. Its beginning is enough. */
const STREAM_MS = 200;

/** @throws Error if the server does not answer within 60 s or breaks the connection. */
export function send(
  origin: string,
  { method, path, headers, body }: FuzzRequest,
  apiKey: string | undefined,
): Promise<Answer> {
  return new Promise((done, fail) => {
    const sent = request(origin, {
      agent,
      method,
      path,
      timeout: TIMEOUT_MS,
      headers: {
        ...headers,
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...((body || method !== 'GET') && { 'content-length': String(body?.length ?? 0) }),
      },
    });
    sent.on('response', (response) => readAnswer(response).then(done, fail));
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      done(answerOf(response, ''));
    });
    sent.on('timeout', () => sent.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    sent.on('error', fail);
    sent.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  if (response.headers['content-type']?.startsWith('text/event-stream')) {
    setTimeout(() => response.destroy(), STREAM_MS);
    response.on('error', () => {});
    return answerOf(response, '');
  }
  return answerOf(response, await text(response));
}

function answerOf({ statusCode = 0, headers }: IncomingMessage, body: string): Answer {
  return { status: statusCode, header: (name) => headers[name]?.toString(), text: body };
}
