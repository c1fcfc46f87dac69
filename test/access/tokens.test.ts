import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { hashOf, looksLikeApiKey, newApiKeyText, newSessionToken } from '../../src/access/tokens.ts';

it('an API key and a session token are random, and never look like each other', () => {
  const apiKeys = Array.from({ length: 100 }, newApiKeyText);
  const tokens = Array.from({ length: 100 }, newSessionToken);

  expect(new Set([...apiKeys, ...tokens]).size).toBe(200);
  expect(apiKeys.every((text) => /^errand_[\w-]{43}$/.test(text) && looksLikeApiKey(text))).toBe(true);
  expect(tokens.every((token) => /^[0-9a-f]{64}$/.test(token) && !looksLikeApiKey(token))).toBe(true);
});

it.each([
  '',
  'errand_',
  'errand_short',
  `Errand_${'x'.repeat(43)}`,
  `errand_${'x'.repeat(101)}`,
  `errand_${'x'.repeat(42)} `,
])('is no API key: "%s"', (text) => {
  expect(looksLikeApiKey(text)).toBe(false);
});

it('the hash is SHA-256 in hexadecimal digits', async () => {
  expect(await hashOf('errand_é')).toBe(createHash('sha256').update('errand_é').digest('hex'));
});
