// What a provider is given and must do, and how one is asked over HTTP. No provider's names here.
import { MailError } from './mail-error.ts';

export interface Sender {
  address: string;
  name: string | undefined;
}

/** An attachment with its bytes. */
export interface Enclosure {
  filename: string;
  contentType: string;
  /** Set: shown inside the HTML. */
  contentId: string | undefined;
  bytes: Uint8Array;
}

/** A mail ready to go: suppressed recipients left out, files read. No address stands in it twice. */
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
   * For how long asking again with the same key is harmless, in seconds. 0: never. Infinity: sending and remembering are
   * one act, so that no attempt needs to be recorded.
   */
  remembersSeconds: number;
  /** The provider's id of the mail. Throws MailError. */
  send(letter: Letter, options: { idempotencyKey: string; signal: AbortSignal }): Promise<string>;
}

/** `Errand <errand@example.com>` or a bare address. */
export function parseSender(from: string): Sender {
  const [, name, address] = from.match(/^\s*(.*?)\s*<([^<>]+)>\s*$/) ?? [];
  if (address === undefined) return { address: from.trim(), name: undefined };
  return { address, name: name?.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1') || undefined };
}

/** Asks over HTTP. Throws MailError `unclear` when no answer came: what broke may have broken after the mail was taken. */
export async function ask(provider: string, request: Request | string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(request, init);
  } catch (error) {
    throw new MailError(`${provider} could not be reached`, {
      permanent: false,
      unclear: true,
      fault: true,
      cause: error,
    });
  }
}

/** The JSON of an answer; undefined when it has none. */
export function readJson(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}

/** `https://api.example.com/` and `/emails` → one URL. A base may have a path. */
export function under(baseUrl: string, path: string): string {
  return baseUrl.replace(/\/$/, '') + path;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
