import { describe, expect, it, vi } from 'vitest';
import { ask, parseSender, readJson, toBase64, under } from '../../src/mail/provider.ts';

describe('a sender', () => {
  it.each([
    ['Errand <errand@example.com>', 'Errand', 'errand@example.com'],
    ['errand@example.com', undefined, 'errand@example.com'],
    ['<errand@example.com>', undefined, 'errand@example.com'],
    ['"Acme, Inc." <a@example.com>', 'Acme, Inc.', 'a@example.com'],
    ['"The \\"Best\\"" <a@example.com>', 'The "Best"', 'a@example.com'],
  ])('written as %s is read as name and address', (from, name, address) => {
    expect(parseSender(from)).toEqual({ name, address });
  });
});

describe('asking a provider', () => {
  it('fails unclearly when no answer comes, with the cause', async () => {
    const cause = new TypeError('Network connection lost.');
    vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(cause);

    const asking = ask('post', 'https://post.test/', {});

    await expect(asking).rejects.toMatchObject({ permanent: false, unclear: true, fault: true, cause });
    await expect(asking).rejects.toThrow('post could not be reached');
  });

  it('reads no JSON from an answer that has none', async () => {
    expect(await readJson(Response.json({ id: 1 }))).toEqual({ id: 1 });
    expect(await readJson(new Response('<html>'))).toBeUndefined();
  });

  it.each([
    ['https://a.test', 'https://a.test/emails'],
    ['https://a.test/', 'https://a.test/emails'],
    ['https://a.test/proxy', 'https://a.test/proxy/emails'],
  ])('joins the base URL %s and a path', (baseUrl, url) => {
    expect(under(baseUrl, '/emails')).toBe(url);
  });

  it('encodes only the bytes of a view', () => {
    expect(toBase64(new TextEncoder().encode('xxabc').subarray(2))).toBe(btoa('abc'));
  });
});
