import { describe, expect, it } from 'vitest';
import { hashPassword, normaliseEmail, verifyPassword } from '../../src/users/index.ts';

const PASSWORD = 'Käse & correct horse 写真';

describe('a password', () => {
  it('fits its own hash and no other password does', async () => {
    const hash = await hashPassword(PASSWORD);

    expect(await verifyPassword(PASSWORD, hash)).toBe(true);
    for (const wrong of ['', PASSWORD.toLowerCase(), `${PASSWORD} `, PASSWORD.slice(0, -1)]) {
      expect(await verifyPassword(wrong, hash), wrong).toBe(false);
    }
  });

  it('has another salt, and so another hash, each time', async () => {
    const [one, two] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];

    expect(one).not.toBe(two);
    expect(one.split('$')[4]).not.toBe(two.split('$')[4]);
    expect(await verifyPassword(PASSWORD, two)).toBe(true);
  });

  it('is stored with the parameters of its hash and not in clear', async () => {
    const hash = await hashPassword(PASSWORD);
    const [scheme, n, r, p, salt = '', key = ''] = hash.split('$');

    expect([scheme, n, r, p]).toEqual(['scrypt', '16384', '8', '5']);
    expect(atob(salt)).toHaveLength(16);
    expect(atob(key)).toHaveLength(32);
    expect(hash).not.toContain(PASSWORD);
  });

  it('fits a hash made with other parameters, so that they may change', async () => {
    // RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1, 64)
    const hex =
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887';
    const key = btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))));
    const hash = ['scrypt', 16384, 8, 1, btoa('SodiumChloride'), key].join('$');

    expect(await verifyPassword('pleaseletmein', hash)).toBe(true);
    expect(await verifyPassword('pleaseletmeout', hash)).toBe(false);
  });

  it.each(['', 'plain', 'scrypt', 'bcrypt$16384$8$5$AAAA$AAAA', 'scrypt$16384$8$5$$'])(
    'fits nothing that is no hash: "%s"',
    async (stored) => {
      expect(await verifyPassword('', stored)).toBe(false);
    },
  );
});

describe('an address', () => {
  it('is the same in any case and with spaces around it', () => {
    expect(normaliseEmail('  Ada.Lovelace@Example.COM\t')).toBe('ada.lovelace@example.com');
  });
});
