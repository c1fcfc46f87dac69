// How many streams one isolate holds open, in all and for one API key.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue } from '../../src/engine/manage.ts';
import { scripted } from '../support/scripted.ts';
import { aKey, anApp, problemOf } from '../support/worker.ts';

/** An app with these limits, a task that waits, and requests to it. */
async function aLimitedApp(settings: { AUTH?: 'keys'; MAX_STREAMS?: number; MAX_STREAMS_PER_KEY?: number }) {
  const { app, engine } = await anApp({ settings }, { registry: createRegistry([scripted]) });
  const [receipt] = await enqueue(engine, [{ definition: scripted, input: {} }]);
  const get = async (path: string, { key, signal }: { key?: string; signal?: AbortSignal } = {}): Promise<Response> =>
    app.fetch(
      new Request(`http://localhost/tasks/${receipt!.taskId}${path}`, {
        headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
        ...(signal && { signal }),
      }),
      env,
    );
  return { engine, get };
}

const refused = { code: 'too_many_streams', status: 503 };

describe('open streams', () => {
  it('are limited in all: one more is 503 with Retry-After, and other requests are served', async () => {
    const { get } = await aLimitedApp({ MAX_STREAMS: 2 });
    const open = [await get('/events'), await get('/events')];

    const one = await get('/events');

    expect(one.headers.get('retry-after')).toBe('5');
    expect(await problemOf(one)).toMatchObject({ ...refused, detail: expect.stringContaining('The server has 2') });
    expect((await get('')).status).toBe(200);
    for (const { body } of open) await body!.cancel();
  });

  it('are limited for each API key, and other API keys keep theirs', async () => {
    const { get } = await aLimitedApp({ AUTH: 'keys', MAX_STREAMS_PER_KEY: 1 });
    const [{ key }, { key: other }] = [await aKey(), await aKey()];
    const open = [await get('/events', { key }), await get('/events', { key: other })];

    const problem = await problemOf(get('/events', { key }));

    expect(open.map(({ status }) => status)).toEqual([200, 200]);
    expect(problem).toMatchObject({ ...refused, detail: expect.stringContaining('The API key has 1') });
    for (const { body } of open) await body!.cancel();
  });

  it('count requests that wait for a task', async () => {
    const { get } = await aLimitedApp({ MAX_STREAMS: 1 });
    const stream = await get('/events');

    expect(await problemOf(get('?wait=5'))).toMatchObject(refused);
    await stream.body!.cancel();
  });

  it('do not count once they have ended', async () => {
    const { engine, get } = await aLimitedApp({ MAX_STREAMS: 1 });
    await engine.deliver();
    for (let round = 0; round < 3; round++) {
      expect((await get('?wait=5')).status).toBe(200);
      expect(await (await get('/events')).text()).toContain('event: end');
    }
  });

  it('do not count once their client has cancelled', async () => {
    const { get } = await aLimitedApp({ MAX_STREAMS: 1 });
    for (let round = 0; round < 3; round++) await (await get('/events')).body!.cancel();
    const client = new AbortController();
    const waiting = get('?wait=30', { signal: client.signal });
    await scheduler.wait(50);

    client.abort();

    expect((await waiting).status).toBe(200);
    const last = await get('/events');
    expect(last.status).toBe(200);
    await last.body!.cancel();
  });

  it('do not count once they were unused for 15 seconds, as after an isolate dropped their request', async () => {
    const { engine, get } = await aLimitedApp({ MAX_STREAMS: 1 });
    // Its body is not read, so its first write does not end, and it does not say that it is open.
    const dropped = await get('/events');
    expect((await get('/events')).status).toBe(503);

    engine.advance(16);

    const next = await get('/events');
    expect(next.status).toBe(200);
    for (const { body } of [dropped, next]) await body!.cancel();
  });

  it('are not counted for a task that does not exist', async () => {
    const { app } = await anApp({ settings: { MAX_STREAMS: 1 } });
    const ask = (query: string) => app.request(`http://localhost/tasks/${crypto.randomUUID()}${query}`, {}, env);
    for (let round = 0; round < 3; round++) {
      expect((await ask('/events')).status).toBe(404);
      expect((await ask('?wait=5')).status).toBe(404);
    }
  });
});
