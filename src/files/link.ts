// Signed links: with one, a client can read one file until a time, without an API key. The signature is HMAC-SHA-256 over the
// method, the expiry and the file key. The secret must never leave the Worker.

/** The longest time for which a link may be valid. */
export const MAX_LINK_SECONDS = 7 * 86_400;

/** A link only reads, so the signature is made for GET. It also holds for HEAD, which is GET without the bytes. */
const METHOD = 'GET';

/** The signature of a link, in base64url. `expires`: epoch seconds. */
export async function signLink(secret: string, fileKey: string, expires: number): Promise<string> {
  const signature = await crypto.subtle.sign('HMAC', await importSecret(secret), textToSign(fileKey, expires));
  return btoa(String.fromCharCode(...new Uint8Array(signature)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * Checks a link. `now`: epoch milliseconds. It answers `expired` only for a link whose signature is genuine, so that trying
 * made-up links reveals nothing.
 */
export async function checkLink(
  secret: string,
  link: { key: string; expires: string; signature: string },
  now: number,
): Promise<'good' | 'expired' | 'forged'> {
  const expires = /^\d{1,12}$/.test(link.expires) ? Number(link.expires) : undefined;
  const signature = decode(link.signature);
  if (expires === undefined || !signature) return 'forged';
  // verify() compares in constant time.
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

/** A file key contains no line break, so two different links never have the same text. */
function textToSign(fileKey: string, expires: number): Uint8Array {
  return new TextEncoder().encode(`${METHOD}\n${expires}\n${fileKey}`);
}

function decode(signature: string): Uint8Array | undefined {
  if (!/^[\w-]{43}$/.test(signature)) return undefined;
  const binary = atob(signature.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
