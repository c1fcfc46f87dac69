import { describe, expect, it } from 'vitest';
import { anAdminKey, anApp, call, problemOf } from '../support/worker.ts';

const key = await anAdminKey();
const KIB = 1024;

/** A body that counts how much of it was read. */
function aStream(bytes: number) {
  const stream = { read: 0, body: undefined as unknown as ReadableStream };
  stream.body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (stream.read >= bytes) return controller.close();
        stream.read += 16 * KIB;
        controller.enqueue(new Uint8Array(16 * KIB).fill(32));
      },
    },
    { highWaterMark: 0 },
  );
  return stream;
}

describe('a body', () => {
  const json = { 'content-type': 'application/json' };

  it('that says it is too large is refused before a byte of it is read', async () => {
    const { call: request } = await anApp();
    const stream = aStream(10_000 * KIB);
    const headers = { ...json, 'content-length': String(10_000 * KIB) };

    const problem = await problemOf(request('POST /users/register', { body: stream.body, headers }));

    expect(problem).toMatchObject({
      status: 413,
      code: 'body_too_large',
      detail: expect.stringContaining('65536 bytes'),
    });
    expect(stream.read).toBe(0);
  });

  it('that does not say how large it is is read up to the limit and no further', async () => {
    const { call: request } = await anApp();
    const stream = aStream(10_000 * KIB);

    const problem = await problemOf(request('POST /users/register', { body: stream.body, headers: json }));

    expect(problem).toMatchObject({ status: 413, code: 'body_too_large' });
    expect(stream.read).toBeLessThanOrEqual(65_536 + 2 * 16 * KIB);
  });

  it.each([
    ['POST /upload/image', 30_000_000],
    ['POST /tasks', 26_000_000],
    ['POST /tasks/batch', 26_000_000],
    ['POST /users/register', 65_536],
  ])('of %s has a limit of its own: %i bytes', async (line, limit) => {
    const headers = { ...json, 'content-length': String(limit + 1) };

    expect((await problemOf(call(line, { key, body: 'x', headers }))).status).toBe(413);
  });

  it('of a caller without a key is not looked at', async () => {
    const stream = aStream(10_000 * KIB);

    const response = await call('POST /tasks', { body: stream.body, headers: json });

    expect(response.status).toBe(401);
    expect(stream.read).toBeLessThanOrEqual(4 * 16 * KIB);
  });

  it('of another content type than the route takes is refused', async () => {
    for (const [line, type] of [
      ['POST /tasks', 'text/plain'],
      ['POST /tasks/batch', 'application/x-www-form-urlencoded'],
      ['POST /users/register', 'multipart/form-data; boundary=x'],
      ['POST /upload/image', 'image/jpeg'],
    ]) {
      const problem = await problemOf(call(line!, { key, body: '{}', headers: { 'content-type': type! } }));
      expect(problem, line).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    }
  });
});
