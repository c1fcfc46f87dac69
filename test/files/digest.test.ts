import { describe, expect, it } from 'vitest';
import { DigestMismatch, InvalidDigest, readDigests, sameBytes } from '../../src/files/digest.ts';

const DIGEST = btoa(String.fromCharCode(...new Uint8Array(32)));
const MD5 = btoa(String.fromCharCode(...new Uint8Array(16)));

describe('the digests of a request', () => {
  it.each([
    ['Content-Digest', `sha-256=:${DIGEST}:`, ['sha256']],
    ['Content-Digest', `unixsum=:MTIz:, sha-256=:${DIGEST}:`, ['sha256']],
    ['Content-Digest', 'crc32c=:AAAAAA==:', []],
    ['Digest', `SHA-256=${DIGEST},MD5=${MD5}`, ['sha256', 'md5']],
    ['Content-MD5', MD5, ['md5']],
  ])('are read from %s: %s', (header, value, algorithms) => {
    expect(readDigests(new Headers({ [header]: value })).map(({ algorithm }) => algorithm)).toEqual(algorithms);
  });

  it.each([
    ['Content-Digest', 'sha-256=abc'],
    ['Content-Digest', 'sha-256=:not base64!:'],
    ['Content-Digest', `sha-256=:${MD5}:`],
    ['Digest', 'nonsense'],
    ['Content-MD5', 'abc'],
    ['Content-MD5', ''],
  ])('are refused when malformed: %s: %s', (header, value) => {
    expect(() => readDigests(new Headers({ [header]: value }))).toThrow(InvalidDigest);
  });

  it('are listed with the strongest first', () => {
    const headers = new Headers({ 'Content-MD5': MD5, 'Content-Digest': `sha-256=:${DIGEST}:` });

    expect(readDigests(headers).map(({ algorithm }) => algorithm)).toEqual(['sha256', 'md5']);
  });

  it('are refused when two of the same algorithm differ', () => {
    const other = btoa(String.fromCharCode(...new Uint8Array(16).fill(1)));

    expect(readDigests(new Headers({ 'Content-MD5': MD5, Digest: `md5=${MD5}` }))).toHaveLength(1);
    expect(() => readDigests(new Headers({ 'Content-MD5': MD5, Digest: `md5=${other}` }))).toThrow(DigestMismatch);
  });
});

describe('sameBytes', () => {
  it('compares length and content', () => {
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(sameBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(sameBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
  });
});
