import { describe, expect, it } from 'vitest';
import { createUnsubscribeUrl, readUnsubscribeToken, unsubscribeHeaders } from '../../src/mail/unsubscribe.ts';

const UNSUBSCRIBE_SECRET = 'a secret that only the tests know';
const PUBLIC_URL = 'https://errand.example';
const settings = { PUBLIC_URL, UNSUBSCRIBE_SECRET };
const tokenFor = async (address: string) => (await createUnsubscribeUrl(settings)?.(address))?.split('/').at(-1) ?? '';

describe('a link to unsubscribe', () => {
  it.each(['ada@example.com', "!#$%&'*+-/=?^_`{|}~@example.com", `${'l'.repeat(64)}@${'d'.repeat(63)}.example`])(
    'names its address: %s',
    async (address) => {
      const url = (await createUnsubscribeUrl(settings)?.(address)) ?? '';

      expect(url).toMatch(/^https:\/\/errand\.example\/unsubscribe\/[\w-]+\.[\w-]{43}$/);
      expect(await readUnsubscribeToken(UNSUBSCRIBE_SECRET, url.split('/').at(-1) ?? '')).toBe(address);
    },
  );

  it('is the same each time, and begins with the public URL, which may have a path', async () => {
    const url = await createUnsubscribeUrl({ ...settings, PUBLIC_URL: 'https://example.com/tasks/' })?.(
      'a@example.com',
    );

    expect(url).toBe(`https://example.com/tasks/unsubscribe/${await tokenFor('a@example.com')}`);
  });

  it('of the longest address fits into a header of 870 characters', async () => {
    const address = `${'l'.repeat(64)}@${'d.'.repeat(93)}de`;
    const url = (await createUnsubscribeUrl(settings)?.(address)) ?? '';

    expect(address.length).toBeGreaterThan(250);
    expect(unsubscribeHeaders(url)[0]?.[1].length).toBeLessThan(870);
  });

  it('is not made while a setting is missing', () => {
    expect(createUnsubscribeUrl({ PUBLIC_URL })).toBeUndefined();
    expect(createUnsubscribeUrl({ UNSUBSCRIBE_SECRET, PUBLIC_URL: '' })).toBeUndefined();
  });

  it('that was changed or signed with another secret names none', async () => {
    const token = await tokenFor('ada@example.com');
    const [, signature] = token.split('.');
    const other = Buffer.from('eve@example.com').toString('base64url');

    expect(await readUnsubscribeToken(UNSUBSCRIBE_SECRET, token)).toBe('ada@example.com');
    expect(await readUnsubscribeToken('another secret of the same length', token)).toBeUndefined();
    for (const forged of [
      `${other}.${signature}`,
      `${token}A`,
      token.slice(0, -1),
      `A${token}`,
      `${token}=`,
      '',
      '.',
      'a.b',
    ])
      expect(await readUnsubscribeToken(UNSUBSCRIBE_SECRET, forged), forged).toBeUndefined();
  });
});
