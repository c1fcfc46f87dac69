// The digests a sender may send along: Content-Digest (RFC 9530), Digest (RFC 3230) and Content-MD5 (RFC 1864).

export interface Digest {
  algorithm: 'sha512' | 'sha256' | 'md5';
  value: Uint8Array;
}

/** A header that holds no digest of its algorithm. */
export class InvalidDigest extends Error {
  override readonly name = 'InvalidDigest';

  constructor(
    /** As it is spelled in the RFC. */
    readonly header: string,
    message: string,
  ) {
    super(message);
  }
}

/** What arrived is not what was sent. Nothing was kept. */
export class DigestMismatch extends Error {
  override readonly name = 'DigestMismatch';
}

/** Strongest first. */
const ALGORITHMS: readonly { name: string; algorithm: Digest['algorithm']; bytes: number }[] = [
  { name: 'sha-512', algorithm: 'sha512', bytes: 64 },
  { name: 'sha-256', algorithm: 'sha256', bytes: 32 },
  { name: 'md5', algorithm: 'md5', bytes: 16 },
];

/**
 * Every digest the headers give, the strongest first. Algorithms that are not known here are passed over, as RFC 9530
 * asks for.
 * @throws InvalidDigest for a malformed one, DigestMismatch if two of the same algorithm differ
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
    if (values.some((other) => !sameBytes(other, value))) throw new DigestMismatch(`two ${name} digests differ`);
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
    if (base64 === undefined) throw new InvalidDigest(header, 'must be a list of algorithm and digest');
    return { header, name: name?.toLowerCase() || 'md5', base64: base64.trim() };
  });
}

function decode({ header, name, base64 }: Member, bytes: number): Uint8Array {
  try {
    const value = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    if (value.length === bytes) return value;
  } catch {
    // Not base64.
  }
  throw new InvalidDigest(header, `must be the ${bytes} bytes of a ${name} digest in base64`);
}
