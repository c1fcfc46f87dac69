// Links that are good for one file until a time, without an API key: HMAC-SHA-256 over the method, the key and the expiry.

/** Longest life of a link. */
export const MAX_LINK_SECONDS = 7 * 86_400;

/** A link is for reading only, so a signature is good for GET, and for HEAD, which is the same without the bytes. */
const METHOD = 'GET';

/** The signature of a link, in base64url. `expires` in epoch seconds. */
export async function signLink(secret: string, key: string, expires: number): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await importSecret(secret), textToSign(key, expires));
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** `expired` is said only of a link that was good: whoever made one up learns nothing. `now` in epoch milliseconds. */
export async function checkLink(
  secret: string,
  link: { key: string; expires: string; signature: string },
  now: number,
): Promise<'good' | 'expired' | 'forged'> {
  const expires = /^\d{1,12}$/.test(link.expires) ? Number(link.expires) : undefined;
  const signature = decode(link.signature);
  if (expires === undefined || !signature) return 'forged';
  // Compares in constant time.
  const isGenuine = await crypto.subtle.verify(
    'HMAC',
    await importSecret(secret),
    signature,
    textToSign(link.key, expires),
  );
  if (!isGenuine) return 'forged';
  return expires * 1000 > now ? 'good' : 'expired';
}

function importSecret(secret: string): Promise<CryptoKey> {
  const bytes = new TextEncoder().encode(secret);
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
}

/** A key holds no line break, so no two links have the same text. */
function textToSign(key: string, expires: number): Uint8Array {
  return new TextEncoder().encode(`${METHOD}\n${expires}\n${key}`);
}

function decode(signature: string): Uint8Array | undefined {
  if (!/^[\w-]{43}$/.test(signature)) return undefined;
  const binary = atob(signature.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
