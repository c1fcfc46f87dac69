import { describe, expect, it, vi } from 'vitest';
import { acceptedWithoutId, ask, readJson, toBase64, under } from '../../src/mail/provider.ts';

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

describe('a successful answer without an id', () => {
  it.each([
    [202, undefined],
    [202, '<html>'],
    [200, {}],
    [201, { message: 'Queued.' }],
  ])('means that the mail was accepted if the provider gave it: %i %j', (status, body) => {
    expect(acceptedWithoutId('post', new Response(null, { status }), body)).toBe('');
  });

  it.each([undefined, null, '<html>', 17])('is unclear if something else gave it: 200 %j', (body) => {
    const answer = new Response(null, { status: 200 });
    expect(() => acceptedWithoutId('post', answer, body)).toThrow('The mail may have been sent.');
  });
});
