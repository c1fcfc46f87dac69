// The secrets that callers present: the text of an API key, and the token of a session. D1 holds only their SHA-256 hashes.

/** The kinds of token. A token of one kind never passes as the other. */
export type TokenKind = 'api_key' | 'session';

/** Of an API key's text, the number of characters that are stored, to recognise it by. `npm run key` uses the same number. */
export const PREFIX_LENGTH = 12;

/** Every API key looks like this. No session token does. */
const API_KEY = /^errand_[\w-]{20,100}$/;
const SECRET_BYTES = 32;

export function looksLikeApiKey(text: string): boolean {
  return API_KEY.test(text);
}

/** `errand_` and 256 random bits in base64url. */
export function newApiKeyText(): string {
  const text = btoa(String.fromCharCode(...randomBytes()));
  return `errand_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** 256 random bits, in hexadecimal digits. */
export function newSessionToken(): string {
  return hex(randomBytes());
}

/** The SHA-256 hash of a token, in hexadecimal digits. */
export async function hashOf(token: string): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))));
}

function randomBytes(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SECRET_BYTES));
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
