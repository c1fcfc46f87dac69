// Reads the digests that a sender may send with a body: Content-Digest (RFC 9530), Digest (RFC 3230), Content-MD5 (RFC 1864).

export interface Digest {
  algorithm: 'sha512' | 'sha256' | 'md5';
  value: Uint8Array;
}

/** A header with a digest that cannot be read. The message says what the header must be. */
export class InvalidDigest extends Error {
  override readonly name = 'InvalidDigest';

  constructor(
    /** The header's name, spelled as in the RFC. */
    readonly header: string,
    message: string,
  ) {
    super(message);
  }
}

/** The received bytes are not the sent bytes. Nothing was kept. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
}

/** The strongest algorithm first. */
const ALGORITHMS: readonly { name: string; algorithm: Digest['algorithm']; bytes: number }[] = [
  { name: 'sha-512', algorithm: 'sha512', bytes: 64 },
  { name: 'sha-256', algorithm: 'sha256', bytes: 32 },
  { name: 'md5', algorithm: 'md5', bytes: 16 },
];

/**
 * Reads all digests from the headers, the strongest first. Unknown algorithms are ignored, as RFC 9530 requires.
 * @throws InvalidDigest for a malformed digest, DigestMismatch if two digests of the same algorithm differ
 */
export function readDigests(headers: Headers): Digest[] {
  const given = [
    ...members(headers, 'Content-Digest', /^([a-z*][\w.*-]*)=:([^:]*):/),
    ...members(headers, 'Digest', /^([\w-]+)=(.*)$/),
    ...members(headers, 'Content-MD5', /^()(.*)$/),
  ];
  return ALGORITHMS.flatMap(({ name, algorithm, bytes }) => {
    const values = given.filter((member) => member.name === name).map((member) => decode(member, bytes));
    const [value] = values;
    if (!value) return [];
    if (values.some((other) => !sameBytes(other, value))) {
      throw new DigestMismatch(`The headers give two different ${name} digests. Send one, or send the same one twice.`);
    }
    return [{ algorithm, value }];
  });
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

interface Member {
  header: string;
  name: string;
  base64: string;
}

function members(headers: Headers, header: string, form: RegExp): Member[] {
  const text = headers.get(header);
  if (text === null) return [];
  return text.split(',').map((part) => {
    const [, name, base64] = part.trim().match(form) ?? [];
    if (base64 === undefined) throw new InvalidDigest(header, 'must be a list of algorithms and digests');
    return { header, name: name?.toLowerCase() || 'md5', base64: base64.trim() };
  });
}

function decode({ header, name, base64 }: Member, bytes: number): Uint8Array {
  try {
    const value = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    if (value.length === bytes) return value;
  } catch {
    // Reported below, as for a digest of the wrong length.
  }
  throw new InvalidDigest(header, `must be the ${bytes} bytes of a ${name} digest in base64`);
}
