import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { hashPassword, isTakenEmail, prepareUser, verifyPassword } from '../../src/users/index.ts';

const PASSWORD = 'Käse & correct horse 写真';

describe('a password', () => {
  it('matches its own hash, and no other password matches it', async () => {
    const hash = await hashPassword(PASSWORD);

    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
    for (const wrong of ['', PASSWORD.toLowerCase(), `${PASSWORD} `, PASSWORD.slice(0, -1)]) {
      expect(await verifyPassword(wrong, hash), wrong).toBe(false);
    }
  });

  it('is hashed with a new salt each time', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];

    expect(one).not.toBe(two);
    expect(one.split('$')[4]).not.toBe(two.split('$')[4]);
    expect(await verifyPassword(PASSWORD, two)).toBe(true);
  });

  it('is stored as a hash with its parameters, never in clear', async () => {
    const hash = await hashPassword(PASSWORD);
    const [scheme, n, r, p, salt = '', key = ''] = hash.split('$');

    expect([scheme, n, r, p]).toEqual(['scrypt', '16384', '8', '5']);
    expect(atob(salt)).toHaveLength(16);
    expect(atob(key)).toHaveLength(32);
    expect(hash).not.toContain(PASSWORD);
  });

  it('matches a hash that was made with other parameters, so that the parameters may change', async () => {
    // RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1, 64)
    const hex =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const key = btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));
    const hash = ['scrypt', 16384, 8, 1, btoa('SodiumChloride'), key].join('$');

    expect(await verifyPassword('pleaseletmein', hash)).toBe(true);
    expect(await verifyPassword('pleaseletmeout', hash)).toBe(false);
  });

  it.each(['', 'plain', 'scrypt', 'bcrypt$16384$8$5$AAAA$AAAA', 'scrypt$16384$8$5$$'])(
    'never matches a text that is not a hash: "%s"',
    async (stored) => {
      expect(await verifyPassword('', stored)).toBe(false);
    },
  );
});

describe('a new user', () => {
  it('is written only when the prepared statement runs, and its address only once', async () => {
    const prepare = () => prepareUser(env.DB, { email: 'ada@example.com', password: PASSWORD }, 1000);
    const first = await prepare();
    const count = () => env.DB.prepare('SELECT count(*) AS n FROM users').first<number>('n');

    expect([first.email, await count()]).toEqual(['ada@example.com', 0]);
    await first.insert.run();
    const error = await (await prepare()).insert.run().catch((thrown: unknown) => thrown);

    expect(isTakenEmail(error)).toBe(true);
    expect(isTakenEmail(new Error('D1_ERROR: Network connection lost.'))).toBe(false);
    expect(await count()).toBe(1);
  });
});
