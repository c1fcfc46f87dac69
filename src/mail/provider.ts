// What a mail provider is given and must do, and how to ask one over HTTP. This file must never name a provider.
import { MailError, unreadable } from './mail-error.ts';

/** An attachment with its bytes. */
export interface Enclosure {
  filename: string;
  contentType: string;
  /** If set, the attachment is shown inside the HTML. */
  contentId: string | undefined;
  bytes: Uint8Array;
}

/** A mail ready to be sent: suppressed recipients are removed, files are read, and each address is in it once. */
export interface Letter {
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string | undefined;
  subject: string;
  text: string | undefined;
  html: string | undefined;
  headers: [name: string, value: string][];
  tags: { name: string; value: string }[];
  attachments: Enclosure[];
}

/** Sends mails through one provider. */
export interface MailProvider {
  name: string;
  /**
   * For how many seconds the provider recognises a repeated idempotency key. 0: it has no such keys. Infinity: it sends and
   * remembers in one step, so no attempt needs to be recorded.
   */
  remembersSeconds: number;
  /** Resolves to the provider's id of the mail; '' when the provider accepted the mail and gave no id. Throws MailError. */
  send(letter: Letter, options: SendOptions): Promise<string>;
}

export interface SendOptions {
  idempotencyKey: string;
  signal: AbortSignal;
  /** Epoch milliseconds. */
  now(): number;
}

/** Asks over HTTP. Throws an unclear MailError when no answer comes: the mail may have been accepted before that. */
export async function ask(provider: string, request: Request | string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(request, init);
  } catch (error) {
    throw new MailError(`${provider} could not be reached, or the connection broke. The mail may have been sent.`, {
      permanent: false,
      unclear: true,
      fault: true,
      cause: error,
    });
  }
}

/**
 * For a successful answer without an id. A 202 and a JSON object are answers of the provider, which has accepted the mail: the
 * id is ''. Anything else, such as the page of a proxy, shows nothing.
 * @throws MailError unclear
 */
export function acceptedWithoutId(provider: string, response: Response, body: unknown): '' {
  if (response.status === 202 || (typeof body === 'object' && body !== null)) return '';
  throw unreadable(provider, response);
}

/** The JSON of an answer; undefined when the body is not JSON. */
export function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

/** Joins `https://api.example.com/` and `/emails` to one URL. The base may have a path. */
export function under(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/$/, '') + path;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
