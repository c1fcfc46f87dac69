import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { createFiles, type StoredFile } from '../../../src/files/index.ts';
import { anAdminKey, call, problemOf, run } from '../../support/worker.ts';

const TEXT = 'The quick brown fox jumps over the lazy dog';
const files = createFiles(env.FILES);
const key = await anAdminKey();
let file: StoredFile;
beforeAll(async () => {
  file = await files.upload(new TextEncoder().encode(TEXT), { filename: 'fox.txt', contentType: 'text/plain' });
});

const get = (headers: Record<string, string> = {}, of = file.key) => call(`GET /files/${of}`, { key, headers });

describe('GET /files/{key}', () => {
  it('serves the bytes, their length and their ETag', async () => {
    const response = await get();

    expect(await response.text()).toBe(TEXT);
    expect(response.headers.get('content-length')).toBe(String(TEXT.length));
    expect(response.headers.get('etag')).toBe(file.etag);
    expect(response.headers.get('accept-ranges')).toBe('bytes');
  });

  it('tells no less about a file to HEAD, which has no ranges', async () => {
    const response = await call(`HEAD /files/${file.key}`, { key, headers: { range: 'bytes=0-3' } });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
    expect(response.headers.get('etag')).toBe(file.etag);
    expect(response.headers.get('content-length')).toBe(String(TEXT.length));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect((await call(`HEAD /files/${file.key}`, { key, headers: { 'if-none-match': file.etag } })).status).toBe(304);
    expect((await call('HEAD /files/uploads/none', { key })).status).toBe(404);
  });

  it('lets nothing it serves act in a browser', async () => {
    const html = new TextEncoder().encode('<script>alert(1)</script>');
    const uploaded = await files.upload(html, { filename: 'a.html', contentType: 'text/html' });
    const disguised = await files.upload(html, { filename: 'a.jpg', contentType: 'image/jpeg' });
    const written = await files.write('outputs/test/page.html', html, { filename: 'a.html', contentType: 'text/html' });

    for (const { key: of } of [uploaded, disguised, written]) {
      const { headers } = await get({}, of);
      expect(headers.get('content-disposition')).toMatch(/^attachment;/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    }
  });

  it('shows only pictures that this project wrote', async () => {
    const about = { filename: 'a.png', contentType: 'image/png' };
    const written = await files.write('outputs/test/a.png', new Uint8Array(8), about);

    expect((await get({}, written.key)).headers.get('content-disposition')).toMatch(/^inline;/);
  });

  it('writes any name into its header without breaking it', async () => {
    const filename = 'Käse "1"\r\nSet-Cookie: x=1; \'*(写真).txt';
    const { key: of } = await files.upload(new Uint8Array(1), { filename, contentType: 'text/plain' });

    const { headers } = await get({}, of);
    const encoded = headers.get('content-disposition')?.replace("attachment; filename*=UTF-8''", '') ?? '';

    expect(encoded).toMatch(/^[A-Za-z0-9%._~!-]+$/);
    expect(decodeURIComponent(encoded)).toBe(filename);
    expect(headers.get('set-cookie')).toBeNull();
  });

  it.each(['uploads/none', 'outputs/none', 'none', 'uploads', '..%2Fuploads'])('has no file "%s"', async (of) => {
    expect(await problemOf(get({}, of))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('never serves what the engine keeps in the same bucket', async () => {
    const { task_id } = await run(key, 'demo.big', { bytes: 100_000 });
    const { objects } = await env.FILES.list({ prefix: `payloads/${task_id}` });
    const payload = objects[0]!.key;

    const spellings = [
      payload,
      encodeURIComponent(payload),
      `uploads/../${payload}`,
      `uploads/..%2F${payload}`,
      `/${payload}`,
    ];
    for (const spelling of spellings) {
      expect((await get({}, spelling)).status, spelling).toBe(404);
    }
  });
});

describe('a range', () => {
  it.each([
    ['bytes=0-8', 'The quick', '0-8'],
    ['bytes=4-8', 'quick', '4-8'],
    ['bytes=40-', 'dog', '40-42'],
    ['bytes=-3', 'dog', '40-42'],
    ['bytes=40-999', 'dog', '40-42'],
    ['bytes=-999', TEXT, '0-42'],
    ['bytes=42-42', 'g', '42-42'],
  ])('%s is served as that part', async (range, text, span) => {
    const response = await get({ range });

    expect(response.status).toBe(206);
    expect(await response.text()).toBe(text);
    expect(response.headers.get('content-range')).toBe(`bytes ${span}/${TEXT.length}`);
    expect(response.headers.get('content-length')).toBe(String(text.length));
  });

  it.each(['bytes=43-', 'bytes=100-200', 'bytes=-0'])('%s lies outside and gets 416', async (range) => {
    const response = await get({ range });

    expect(response.headers.get('content-range')).toBe(`bytes */${TEXT.length}`);
    expect(await problemOf(response)).toMatchObject({ status: 416, code: 'range_not_satisfiable' });
  });

  it.each(['lines=1-2', 'bytes=8-4', 'bytes=a-b', 'bytes='])('%s is none and gets the whole', async (range) => {
    const response = await get({ range });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(TEXT);
  });

  it('of several parts gets the whole', async () => {
    const response = await get({ range: 'bytes=0-1,4-5' });

    expect(response.status).toBe(200);
    expect(await response.text()).toBe(TEXT);
  });

  it('whose key is longer than R2 can hold is 404', async () => {
    for (const long of ['x'.repeat(1020), 'ä'.repeat(600)])
      expect((await problemOf(get({}, `uploads/${long}`))).status).toBe(404);
  });

  it('of a file that is no more there is 404, not 416', async () => {
    expect((await problemOf(get({ range: 'bytes=0-1' }, 'uploads/none'))).status).toBe(404);
  });

  it('is served only while the file is the one of If-Range', async () => {
    const same = await get({ range: 'bytes=0-2', 'if-range': file.etag });
    const other = await get({ range: 'bytes=0-2', 'if-range': '"other"' });

    expect([same.status, await same.text()]).toEqual([206, 'The']);
    expect([other.status, await other.text()]).toEqual([200, TEXT]);
  });
});

describe('a condition', () => {
  it('comes before the range, whatever the range is', async () => {
    for (const range of ['bytes=0-2', 'bytes=100-200']) {
      expect((await get({ range, 'if-none-match': file.etag })).status, range).toBe(304);
      expect((await get({ range, 'if-match': '"other"' })).status, range).toBe(412);
    }
    expect((await get({ range: 'bytes=0-2', 'if-none-match': '"other"' })).status).toBe(206);
    expect((await get({ range: 'bytes=100-200', 'if-none-match': '"other"' })).status).toBe(416);
  });

  it('on the one that is wanted wins over one that is there', async () => {
    expect((await get({ 'if-match': '"other"', 'if-none-match': file.etag })).status).toBe(412);
  });

  it('that the caller has it already gets 304 and no body', async () => {
    for (const etag of [file.etag, `"other", ${file.etag}`, '*']) {
      const response = await get({ 'if-none-match': etag });

      expect(response.status, etag).toBe(304);
      expect(await response.text()).toBe('');
      expect(response.headers.get('etag')).toBe(file.etag);
    }
  });

  it('that the caller has another one gets the file', async () => {
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('that it has not changed since gets 304', async () => {
    expect((await get({ 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() })).status).toBe(304);
    expect((await get({ 'if-modified-since': new Date(0).toUTCString() })).status).toBe(200);
  });

  it('that it be another one gets 412', async () => {
    expect(await problemOf(get({ 'if-match': '"other"' }))).toMatchObject({ status: 412, code: 'precondition_failed' });
    expect((await get({ 'if-match': file.etag })).status).toBe(200);
  });
});
