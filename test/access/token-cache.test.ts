import { describe, expect, it } from 'vitest';
import type { ApiKey } from '../../src/access/index.ts';
import { createTokenCache } from '../../src/access/token-cache.ts';

const anApiKey = (hash: string): ApiKey => ({
  ...{ hash, prefix: 'errand_aaaaa', name: 'a', scopes: [], createdAt: 0 },
  ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
});

/** A lookup that counts how often it was called. */
function aLookup(found: ApiKey | undefined) {
  const lookup = {
    calls: 0,
    async find() {
      lookup.calls++;
      return found;
    },
  };
  return lookup;
}

describe('the cache of tokens', () => {
  it('reads a token once in 30 seconds', async () => {
    const cache = createTokenCache();
    const lookup = aLookup(anApiKey('a'));
    for (const now of [0, 1, 29_999]) await cache.get('api_key', 'a', now, lookup.find);
    expect(lookup.calls).toBe(1);

    await cache.get('api_key', 'a', 30_000, lookup.find);
    expect(lookup.calls).toBe(2);
  });

  it('keeps the kinds of token apart, even with the same hash', async () => {
    const cache = createTokenCache();
    await cache.get('session', 'a', 0, async () => anApiKey('of the session'));

    expect(await cache.get('api_key', 'a', 0, async () => undefined)).toBeUndefined();
    expect((await cache.get('session', 'a', 0, async () => undefined))?.hash).toBe('of the session');
  });

  it('does not remember that a token is unknown', async () => {
    const cache = createTokenCache();
    expect(await cache.get('api_key', 'a', 0, async () => undefined)).toBeUndefined();

    expect(await cache.get('api_key', 'a', 0, async () => anApiKey('a'))).toEqual(anApiKey('a'));
  });

  it('forgets everything when it is cleared, and when it is full', async () => {
    const cache = createTokenCache();
    const lookup = aLookup(anApiKey('a'));
    await cache.get('api_key', 'a', 0, lookup.find);
    cache.clear();
    await cache.get('api_key', 'a', 0, lookup.find);
    expect(lookup.calls).toBe(2);

    for (let n = 0; n < 1000; n++) await cache.get('api_key', `${n}`, 0, async () => anApiKey(`${n}`));
    await cache.get('api_key', 'a', 0, lookup.find);
    expect(lookup.calls).toBe(3);
  });
});
