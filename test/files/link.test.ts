import { describe, expect, it } from 'vitest';
import { checkLink, signLink } from '../../src/files/index.ts';

const SECRET = 'a secret of more than thirty-two characters';
const NOW = 1_700_000_000_000;
const EXPIRES = NOW / 1000 + 60;
const fileKey = 'uploads/0198';
const signature = await signLink(SECRET, fileKey, EXPIRES);
const check = (link: Partial<Parameters<typeof checkLink>[1]>, now = NOW, secret = SECRET) =>
  checkLink(secret, { key: fileKey, expires: String(EXPIRES), signature, ...link }, now);

describe('a link', () => {
  it('is good until it expires', async () => {
    expect(await check({})).toBe('good');
    expect(await check({}, EXPIRES * 1000 - 1)).toBe('good');
    expect(await check({}, EXPIRES * 1000)).toBe('expired');
  });

  it.each([
    ['another file', { key: 'uploads/0199' }],
    ['another time', { expires: String(EXPIRES + 1) }],
    ['a time that is not a number', { expires: `${EXPIRES}.0` }],
    ['a time with a sign', { expires: `+${EXPIRES}` }],
    ['no time', { expires: '' }],
    ['no signature', { signature: '' }],
    ['a signature of the wrong length', { signature: signature.slice(1) }],
    ['a signature that is not base64url', { signature: '!'.repeat(43) }],
    ['one character changed', { signature: `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}` }],
  ])('for %s is forged', async (_name, change) => {
    expect(await check(change)).toBe('forged');
    expect(await check(change, EXPIRES * 1000 + 1)).toBe('forged');
  });

  it('made with another secret is forged', async () => {
    expect(await check({}, NOW, `${SECRET}.`)).toBe('forged');
  });

  it('cannot be read as a link for another file at another time', async () => {
    expect(await check({ key: `1\n${fileKey}` })).toBe('forged');
  });
});
