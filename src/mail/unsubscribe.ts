// Links with which a recipient unsubscribes without an API key, by one click (RFC 8058). A link names one address and never
// expires, because a mail may be read years later. The secret must never leave the Worker.
import { MailError } from './mail-error.ts';
import { under } from './provider.ts';

export interface UnsubscribeSettings {
  /** The URL under which the Worker is reached. */
  PUBLIC_URL?: string | undefined;
  UNSUBSCRIBE_SECRET?: string | undefined;
}

/** In the text and the HTML of a mail, this becomes the link of its recipient. */
export const UNSUBSCRIBE_PLACEHOLDER = '{{unsubscribe_url}}';

/** Makes the link for an address in the form in which addresses are compared. */
export type MakeUnsubscribeUrl = (address: string) => Promise<string>;

/** Undefined while a setting is missing: then only transactional mail can be sent. */
export function createUnsubscribeUrl(settings: UnsubscribeSettings): MakeUnsubscribeUrl | undefined {
  const { PUBLIC_URL, UNSUBSCRIBE_SECRET } = settings;
  if (!PUBLIC_URL || !UNSUBSCRIBE_SECRET) return undefined;
  return async (address) => under(PUBLIC_URL, `/unsubscribe/${await signAddress(UNSUBSCRIBE_SECRET, address)}`);
}

/** Throws MailError `unsubscribe_not_set_up`. */
export function unsubscribeNotSetUp(): never {
  const message =
    'A mail that is not transactional needs a link to unsubscribe. PUBLIC_URL or UNSUBSCRIBE_SECRET is not set; the operator must set both.';
  throw new MailError(message, { permanent: true, code: 'unsubscribe_not_set_up' });
}

/** The headers of RFC 2369 and RFC 8058. */
export function unsubscribeHeaders(url: string): [name: string, value: string][] {
  return [
    ['List-Unsubscribe', `<${url}>`],
    ['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'],
  ];
}

/** The address of a link's token; undefined when the token was not made with this secret. */
export async function readUnsubscribeToken(secret: string, token: string): Promise<string | undefined> {
  const [, encoded = '', signature = ''] = token.match(/^([\w-]{1,400})\.([\w-]{43})$/) ?? [];
  const address = new TextDecoder().decode(Buffer.from(encoded, 'base64url'));
  // verify() compares in constant time.
  const isGenuine = await crypto.subtle.verify(
    'HMAC',
    await importSecret(secret),
    Buffer.from(signature, 'base64url'),
    textToSign(address),
  );
  return isGenuine && encoded === encode(new TextEncoder().encode(address)) ? address : undefined;
}

/** The token of a link: letters, digits, hyphens, underscores and one dot. */
async function signAddress(secret: string, address: string): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await importSecret(secret), textToSign(address));
  return `${encode(new TextEncoder().encode(address))}.${encode(new Uint8Array(signature))}`;
}

function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

/** Names its purpose, so that the secret may be used for other signatures too. */
function textToSign(address: string): Uint8Array {
  return new TextEncoder().encode(`unsubscribe\n${address}`);
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
