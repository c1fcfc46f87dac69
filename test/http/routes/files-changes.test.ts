import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../../src/files/index.ts';
import { aKey, anAdminKey, anApp, type Call, call, problemOf, reply } from '../../support/worker.ts';

interface Kept {
  file: string;
  size: number;
  etag: string;
  content_type: string;
}

const key = await anAdminKey();
const files = createFiles(env.FILES);
const XLSX = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const TEXT = 'name,size\nä,1\n';
const bytes = new TextEncoder().encode(TEXT);

const put = (name: string, body: string | Uint8Array = bytes, headers: Record<string, string> = {}) =>
  call(`PUT /files/${name}`, {
    key,
    body: body as BodyInit,
    headers: { 'content-length': String(new Blob([body]).size), ...headers },
  });

const uploads = async () => (await env.FILES.list({ prefix: 'uploads/' })).objects.length;

async function digest(name: string): Promise<string> {
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest(name, bytes))));
}

describe('PUT /files/{name}', () => {
  it('keeps the bytes under a key of its own and says what they are', async () => {
    const response = await put('prices.csv');
    const location = response.headers.get('location');
    const kept = await reply<Kept>(201, response);
    const served = await call(`GET ${location}`, { key });

    expect(kept).toMatchObject({ size: bytes.length, content_type: 'text/csv', etag: served.headers.get('etag') });
    expect(kept.file).toMatch(/^uploads\/[0-9a-f-]{36}$/);
    expect(location).toBe(`/files/${kept.file}`);
    expect(await served.text()).toBe(TEXT);
    expect(served.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''prices.csv");
  });

  it.each(['%C3%9Cbermut%20%E2%80%93%20%E5%86%99%E7%9C%9F.csv', '%F0%9F%91%A9.csv', 'a%22b.csv', '100%25ff.csv'])(
    'keeps the name %s as it is',
    async (name) => {
      const { file } = await reply<Kept>(201, put(name));

      expect((await files.stat(file))?.filename).toBe(decodeURIComponent(name));
    },
  );

  it.each([
    'a%2Fb',
    'a%5Cb',
    '..%2f..%2fetc',
    'a%00b',
    'a%0D%0Ab',
    'x'.repeat(201),
    'uploads/a',
    '%20',
    '%ff%fe',
    'a%',
    'a%E2%80%8Fb',
  ])('refuses the name %.20s', async (name) => {
    const before = await uploads();

    const problem = await problemOf(put(name));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'name' }] });
    expect(await uploads()).toBe(before);
  });

  it('wants to know the length', async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });

    expect(await problemOf(call('PUT /files/a', { key, body: stream }))).toMatchObject({
      status: 411,
      code: 'length_required',
    });
  });

  it('refuses by the length alone what is too large, and names the limit', async () => {
    const problem = await problemOf(put('a', bytes, { 'content-length': '100000001' }));

    expect(problem).toMatchObject({
      status: 413,
      code: 'body_too_large',
      detail: expect.stringContaining('100000000 bytes'),
    });
  });

  it('keeps an empty file', async () => {
    expect(await reply<Kept>(201, put('empty', ''))).toMatchObject({ size: 0 });
  });

  it.each([
    ['content-digest', async () => `sha-256=:${await digest('SHA-256')}:`],
    ['digest', async () => `SHA-256=${await digest('SHA-256')}`],
    ['content-md5', () => digest('MD5')],
  ])('checks %s: the right one passes, a wrong one leaves nothing', async (header, right) => {
    const value = await right();
    await reply(201, put('a.csv', bytes, { [header]: value }));
    const before = await uploads();

    const other = await problemOf(put('a.csv', new TextEncoder().encode(`${TEXT}.`), { [header]: value }));

    expect(other).toMatchObject({ status: 422, code: 'digest_mismatch' });
    expect(await uploads()).toBe(before);
  });

  it('refuses a digest that is none, naming the header', async () => {
    const problem = await problemOf(put('a', bytes, { 'content-digest': 'sha-256=:abc:' }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'Content-Digest' }] });
  });

  it('refuses two digests that contradict each other', async () => {
    const headers = {
      'content-digest': `sha-256=:${await digest('SHA-256')}:`,
      digest: `sha-256=${btoa('0'.repeat(32))}`,
    };

    expect((await problemOf(put('a', bytes, headers))).code).toBe('digest_mismatch');
  });
});

describe('a file that could act in a browser', () => {
  it.each([
    ['page.html', 'text/html', '<!doctype html><script>alert(1)</script>'],
    ['drawing.svg', 'image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['page.xhtml', 'application/xhtml+xml', '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>'],
  ])('%s never does, also not through a link', async (name, type, text) => {
    const { file, content_type } = await reply<Kept>(201, put(name, text, { 'content-type': type }));
    const { url } = await reply<{ url: string }>(
      200,
      call(`POST /files/${file}/sign`, { key, json: { expires_in: 60 } }),
    );
    const link = new URL(url);

    for (const response of [
      await call(`GET /files/${file}`, { key }),
      await call(`GET ${link.pathname}${link.search}`),
    ]) {
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/plain');
      expect(response.headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
    expect(content_type).toBe('text/plain');
  });

  it.each([
    ['text/html; charset=utf-8', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/xml', 'application/octet-stream'],
    ['text/javascript', 'application/octet-stream'],
    ['application/pdf', 'application/pdf'],
    [XLSX, XLSX],
  ])('is not called one even when it was stored as one: %s', async (contentType, served) => {
    for (const { key: of } of [
      await files.upload(bytes, { filename: 'a', contentType }),
      await files.write('outputs/test/active', bytes, { filename: 'a', contentType }),
    ]) {
      expect((await call(`GET /files/${of}`, { key })).headers.get('content-type')).toBe(served);
    }
  });
});

describe('a signed link', () => {
  const sign = async (file: string, json: unknown = { expires_in: 60 }, options: Call = {}) =>
    call(`POST /files/${file}/sign`, { key, json, ...options });

  it('opens its file without a key, whole, in part, and for HEAD', async () => {
    const { file } = await reply<Kept>(201, put('a.csv'));
    const { url, expires_at } = await reply<{ url: string; expires_at: string }>(200, sign(file));
    const line = `${new URL(url).pathname}${new URL(url).search}`;

    expect(Date.parse(expires_at) - Date.now()).toBeGreaterThan(50_000);
    const whole = await call(`GET ${line}`);
    expect(await whole.text()).toBe(TEXT);
    expect(whole.headers.get('cache-control')).toMatch(/^private, max-age=(5\d|60)$/);
    expect((await call(`GET ${line}`, { headers: { range: 'bytes=0-3' } })).status).toBe(206);
    const head = await call(`HEAD ${line}`);
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    expect(head.headers.get('x-request-id')).not.toBeNull();
  });

  it('opens nothing else, and changes nothing', async () => {
    const { file } = await reply<Kept>(201, put('a.csv'));
    const { file: other } = await reply<Kept>(201, put('b.csv'));
    const { search } = new URL((await reply<{ url: string }>(200, sign(file))).url);

    expect(await problemOf(call(`GET /files/${other}${search}`))).toMatchObject({ status: 403, code: 'link_invalid' });
    expect((await call(`DELETE /files/${file}${search}`)).status).toBe(401);
    expect((await call(`PUT /files/a${search}`, { body: 'x' })).status).toBe(401);
    expect((await call(`GET /files${search}`)).status).toBe(401);
    expect((await call(`GET /files/${file}?expires=9999999999`)).status).toBe(401);
    expect((await call(`GET /files/${file}?expires=9999999999&signature=x`, { key })).status).toBe(403);
  });

  it('ends', async () => {
    const { call: request, engine } = await anApp({
      settings: {
        AUTH: 'keys',
        MAIL_PROVIDER: 'mailbox',
        KEY_RATE_LIMIT: 6000,
        REGISTER_RATE_LIMIT: 20,
        LINK_SECRET: 'another secret of some length…',
      },
    });
    const { key: file } = await files.upload(bytes, { filename: 'a', contentType: 'text/plain' });
    const { url } = await reply<{ url: string }>(
      200,
      request(`POST /files/${file}/sign`, { key, json: { expires_in: 60 } }),
    );
    const line = `GET ${new URL(url).pathname}${new URL(url).search}`;

    expect((await request(line)).status).toBe(200);
    engine.advance(61);

    expect(await problemOf(request(line))).toMatchObject({ status: 403, code: 'link_expired' });
  });

  it('is refused where there is no secret to sign with, and so is any that comes along', async () => {
    const { call: request } = await anApp();
    const { key: file } = await files.upload(bytes, { filename: 'a', contentType: 'text/plain' });

    expect(await problemOf(request(`POST /files/${file}/sign`, { json: { expires_in: 60 } }))).toMatchObject({
      status: 501,
      code: 'links_disabled',
    });
    expect((await request(`GET /files/${file}?expires=9999999999&signature=${'A'.repeat(43)}`)).status).toBe(403);
  });

  it.each([{}, { expires_in: 0 }, { expires_in: 604_801 }, { expires_in: 1.5 }, { expires_in: '60' }, [], null])(
    'is not made for %j',
    async (json) => {
      const { file } = await reply<Kept>(201, put('a.csv'));

      expect(await problemOf(sign(file, json))).toMatchObject({ status: 422, code: 'invalid_request' });
    },
  );

  it('is not made for what is no file', async () => {
    expect((await problemOf(sign('uploads/none'))).status).toBe(404);
    expect((await problemOf(sign('payloads/none'))).status).toBe(404);
  });

  it('is not made from a body that is no JSON', async () => {
    expect((await problemOf(call('POST /files/uploads/a/sign', { key, body: 'x' }))).status).toBe(400);
  });
});

describe('DELETE /files/{key}', () => {
  it('deletes the file', async () => {
    const { file } = await reply<Kept>(201, put('a.csv'));

    expect((await call(`DELETE /files/${file}`, { key })).status).toBe(204);

    expect((await call(`GET /files/${file}`, { key })).status).toBe(404);
    expect((await problemOf(call(`DELETE /files/${file}`, { key }))).status).toBe(404);
  });

  it('needs more than the right to read', async () => {
    const { file } = await reply<Kept>(201, put('a.csv'));
    const reader = await aKey({ scopes: ['tasks:read'] });

    expect((await call(`DELETE /files/${file}`, reader)).status).toBe(403);
  });

  it('never reaches what the engine keeps', async () => {
    await env.FILES.put('payloads/kept', 'x');

    expect((await call('DELETE /files/payloads/kept', { key })).status).toBe(404);
    expect(await env.FILES.head('payloads/kept')).not.toBeNull();
  });
});

describe('GET /files', () => {
  interface Page {
    items: { file: string; size: number; content_type: string; filename: string; uploaded_at: string }[];
    next_cursor: string | null;
  }

  it('lists every file once, a page at a time', async () => {
    const made = new Set<string>();
    for (let n = 0; n < 5; n++) made.add((await reply<Kept>(201, put(`Preis ${n}.csv`.replaceAll(' ', '%20')))).file);
    const seen: Page['items'] = [];
    let cursor: string | null = '';
    do {
      const after: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const page: Page = await reply<Page>(200, call(`GET /files?prefix=uploads&limit=2${after}`, { key }));
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);

    expect(new Set(seen.map(({ file }) => file)).size).toBe(seen.length);
    const mine = seen.filter(({ file }) => made.has(file));
    expect(mine.map(({ filename }) => filename)).toEqual([0, 1, 2, 3, 4].map((n) => `Preis ${n}.csv`));
    expect(mine[0]).toMatchObject({ size: bytes.length, content_type: 'text/csv' });
    expect(Date.parse(mine[0]!.uploaded_at)).toBeGreaterThan(0);
  });

  it('lists outputs apart, and nothing of the engine', async () => {
    await files.write('outputs/test/a', bytes, { filename: 'a', contentType: 'text/plain' });
    const { items } = await reply<Page>(200, call('GET /files?prefix=outputs&limit=200', { key }));

    expect(items.map(({ file }) => file)).toContain('outputs/test/a');
    expect(items.every(({ file }) => file.startsWith('outputs/'))).toBe(true);
  });

  it.each(['prefix=payloads', 'prefix=', 'limit=0', 'limit=201', 'limit=x'])('refuses ?%s', async (query) => {
    expect((await problemOf(call(`GET /files?${query}`, { key }))).status).toBe(422);
  });

  it('refuses a cursor that it did not make, or made for the other prefix', async () => {
    for (const name of ['a', 'b'])
      await files.write(`outputs/test/${name}`, bytes, { filename: name, contentType: 'text/plain' });
    const { next_cursor } = await reply<Page>(200, call('GET /files?prefix=outputs&limit=1', { key }));

    for (const query of ['cursor=a', 'cursor=', `cursor=${next_cursor}`]) {
      const problem = await problemOf(call(`GET /files?prefix=uploads&${query}`, { key }));
      expect(problem, query).toMatchObject({ status: 422, code: 'invalid_cursor', errors: [{ path: 'cursor' }] });
    }
  });
});
