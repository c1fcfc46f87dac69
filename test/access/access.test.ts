import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createAccess, type Scope } from '../../src/access/index.ts';
import { hashOf } from '../../src/access/tokens.ts';

const HOUR_MS = 3_600_000;

/** The room with a clock that a test moves. */
function anAccess() {
  const clock = { now: 1_800_000_000_000 };
  const access = createAccess(env.DB, () => clock.now);
  const make = (wanted: { scopes?: Scope[]; expiresInSeconds?: number } = {}) =>
    access.createApiKey({ name: 'test', scopes: ['admin'], expiresInSeconds: undefined, ...wanted });
  return { access, clock, make };
}

describe('an API key', () => {
  it('is found by its text until it expires', async () => {
    const { access, clock, make } = anAccess();
    const { apiKey, text } = await make({ scopes: ['admin', 'tasks:read'], expiresInSeconds: 60 });

    expect(apiKey).toMatchObject({ scopes: ['tasks:read', 'admin'], prefix: text.slice(0, 12) });
    expect(await access.apiKeyOf(text)).toEqual(apiKey);
    clock.now += 60_000;
    expect(await access.apiKeyOf(text)).toBeUndefined();
  });

  it('is not found by its hash or its prefix', async () => {
    const { access, make } = anAccess();
    const { apiKey } = await make();

    expect(await access.apiKeyOf(apiKey.hash)).toBeUndefined();
    expect(await access.apiKeyOf(apiKey.prefix)).toBeUndefined();
  });

  it('is refused at once where it was revoked, and half a minute later everywhere', async () => {
    const { access, clock, make } = anAccess();
    const elsewhere = createAccess(env.DB, () => clock.now);
    const { apiKey, text } = await make();
    await access.apiKeyOf(text);
    await elsewhere.apiKeyOf(text);

    expect(await access.revokeApiKey(apiKey.prefix)).toMatchObject({ hash: apiKey.hash, revokedAt: clock.now });

    expect(await access.apiKeyOf(text)).toBeUndefined();
    clock.now += 30_000;
    expect(await elsewhere.apiKeyOf(text)).toBeUndefined();
    expect(await access.revokeApiKey('errand_none')).toBeUndefined();
  });

  it('is listed, newest first', async () => {
    const { access, clock, make } = anAccess();
    const first = await make();
    clock.now += 1;
    const second = await make();

    const listed = (await access.listApiKeys(1000)).map(({ hash }) => hash);
    expect(listed.indexOf(second.apiKey.hash)).toBeLessThan(listed.indexOf(first.apiKey.hash));
  });

  it('notes its use once in five minutes', async () => {
    const { access, clock, make } = anAccess();
    const { apiKey } = await make();
    const noted = [];
    for (let minute = 0; minute <= 6; minute++) {
      noted.push(access.noteUse(apiKey) !== undefined);
      clock.now += 60_000;
    }

    expect(noted).toEqual([true, false, false, false, false, false, true]);
  });
});

describe('a session', () => {
  it('stands for its API key for twelve hours', async () => {
    const { access, clock, make } = anAccess();
    const { apiKey, text } = await make();
    const signIn = await access.signIn(text);

    expect(signIn).toMatchObject({ apiKey, seconds: 12 * 3600 });
    expect(await access.apiKeyOfSession(signIn!.token)).toMatchObject({ hash: apiKey.hash });
    clock.now += 12 * HOUR_MS;
    expect(await access.apiKeyOfSession(signIn!.token)).toBeUndefined();
  });

  it('ends with its API key: when that expires, and when it is revoked', async () => {
    const { access, make } = anAccess();
    const brief = await make({ expiresInSeconds: 60 });
    expect((await access.signIn(brief.text))?.seconds).toBe(60);

    const { apiKey, text } = await make();
    const { token } = (await access.signIn(text))!;
    await access.apiKeyOfSession(token);
    await access.revokeApiKey(apiKey.prefix);
    expect(await access.apiKeyOfSession(token)).toBeUndefined();
  });

  it('ends when it is signed out', async () => {
    const { access, make } = anAccess();
    const { token } = (await access.signIn((await make()).text))!;
    await access.apiKeyOfSession(token);

    await access.signOut(token);

    expect(await access.apiKeyOfSession(token)).toBeUndefined();
  });

  it('is no API key, and an API key is no session, also when both were looked up before', async () => {
    const { access, make } = anAccess();
    const { text } = await make();
    const { token } = (await access.signIn(text))!;
    await access.apiKeyOf(text);
    await access.apiKeyOfSession(token);

    expect(await access.apiKeyOf(token)).toBeUndefined();
    expect(await access.signIn(token)).toBeUndefined();
    expect(await access.apiKeyOfSession(text)).toBeUndefined();
  });

  it('is kept as a hash', async () => {
    const { access, make } = anAccess();
    const { apiKey, text } = await make();
    const { token } = (await access.signIn(text))!;

    const row = await env.DB.prepare('SELECT * FROM sessions WHERE key_hash = ?').bind(apiKey.hash).first();
    expect(row?.hash).toBe(await hashOf(token));
    expect(JSON.stringify(row)).not.toContain(token);
  });

  it('is refused with an unknown, an expired and a revoked API key', async () => {
    const { access, clock, make } = anAccess();
    const expired = await make({ expiresInSeconds: 60 });
    const revoked = await make();
    await access.revokeApiKey(revoked.apiKey.prefix);
    clock.now += HOUR_MS;

    for (const text of [`errand_${'x'.repeat(43)}`, 'no key', expired.text, revoked.text])
      expect(await access.signIn(text)).toBeUndefined();
  });
});
