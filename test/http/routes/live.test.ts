import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { feedClient } from '../../support/live.ts';
import { aKey, anAdminKey, anApp, awayDb, call, problemOf, run } from '../../support/worker.ts';

const upgrade = { upgrade: 'websocket' };

describe('GET /live', () => {
  it('is a WebSocket that tells what becomes of tasks', async () => {
    const key = await anAdminKey();
    const client = await feedClient(call('GET /live', { key, headers: upgrade }));
    await client.ask({ all: true });

    const { task_id } = await run(key, 'demo.add', { a: 1, b: 2 });

    await vi.waitFor(
      () => {
        const states = client.events().flatMap((event) => (event.task_id === task_id ? [event.status] : []));
        expect(states.sort()).toEqual(['STARTED', 'SUCCESS']);
      },
      { timeout: 10_000 },
    );
  });

  it('tells each of two clients of its own tasks', async () => {
    const key = await anAdminKey();
    const [all, other] = [
      await feedClient(call('GET /live', { key, headers: upgrade })),
      await feedClient(call('GET /live', { key, headers: upgrade })),
    ];
    await all.ask({ all: true });
    await other.ask({ tasks: [crypto.randomUUID()] });

    const { task_id } = await run(key, 'demo.add', { a: 1, b: 2 });

    await vi.waitFor(() => expect(all.events().map((event) => event.task_id)).toContain(task_id));
    expect(other.events()).toEqual([]);
  });

  it('needs no more than tasks:read', async () => {
    const { key } = await aKey({ scopes: ['tasks:read'] });

    await feedClient(call('GET /live', { key, headers: { upgrade: 'WebSocket' } }));
  });

  it('refuses a caller without a key before it upgrades', async () => {
    const response = await call('GET /live', { headers: upgrade });

    expect(response.status).toBe(401);
    expect(response.webSocket).toBeNull();
  });

  it.each([{}, { upgrade: 'h2c' }])('wants an upgrade to a WebSocket, not %s', async (headers) => {
    const response = await call('GET /live', { key: await anAdminKey(), headers });

    expect(response.status).toBe(426);
    expect(response.headers.get('upgrade')).toBe('websocket');
    expect((await problemOf(response)).code).toBe('upgrade_required');
  });

  it.each(['https://evil.example', 'https://errand.example.evil.example', 'null', 'garbage'])(
    'refuses a page of another site: %s',
    async (origin) => {
      const response = await call('GET /live', { key: await anAdminKey(), headers: { ...upgrade, origin } });

      expect((await problemOf(response)).code).toBe('forbidden');
    },
  );

  it('serves its own pages', async () => {
    const headers = { ...upgrade, origin: 'https://errand.example' };

    await feedClient(call('GET /live', { key: await anAdminKey(), headers }));
  });

  it('says when the feed is full, and when to come back', async () => {
    const { call: request } = await anApp({ connect: async () => new Response(null, { status: 503 }) });
    const response = await request('GET /live', { headers: upgrade });

    expect(response.headers.get('retry-after')).toBe('30');
    expect((await problemOf(response)).code).toBe('feed_full');
  });

  it('is unavailable while D1 is, because no update would be published', async () => {
    const { call: request } = await anApp({
      connect: () => awayDb().prepare('').run() as unknown as Promise<Response>,
    });

    expect((await problemOf(request('GET /live', { headers: upgrade }))).code).toBe('store_unavailable');
  });

  it('passes nothing of the request on to the object, except whose it is', async () => {
    const connect = vi.fn(() => env.LIVE.getByName('spy').fetch('https://live/', { headers: upgrade }));
    const { call: request } = await anApp({ connect, settings: { AUTH: 'keys' } });
    const { key, hash } = await aKey();

    await feedClient(request('GET /live', { key, headers: upgrade }));

    expect(connect).toHaveBeenCalledWith(hash);
  });
});
