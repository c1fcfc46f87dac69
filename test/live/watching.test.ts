// From a client that connects to what the engine publishes, and back to silence when it has gone.
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { enqueue } from '../../src/engine/manage.ts';
import { createLive } from '../../src/live/index.ts';
import { makeEngine } from '../support/engine.ts';
import { aFeed, feedClient, idsOf } from '../support/live.ts';
import { scripted } from '../support/scripted.ts';

describe('the row that says somebody watches', () => {
  it('is there before the client is connected, for a minute and a half', async () => {
    const feed = aFeed();
    expect(await feed.until()).toBeNull();

    await feed.connect();

    const left = ((await feed.until()) ?? 0) - Date.now();
    expect(left).toBeGreaterThan(80_000);
    expect(left).toBeLessThanOrEqual(90_000);
  });

  it('is not written by each of many clients', async () => {
    const feed = aFeed();
    await feed.connect();
    const until = await feed.until();
    await Promise.all([feed.connect(), feed.connect(), feed.connect()]);

    expect(await feed.until()).toBe(until);
  });

  it('is renewed by the alarm while somebody is connected, and the alarm comes again', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id } = await client.ask({ all: true });
    await runInDurableObject(feed.stub, (_, { storage }) => storage.kv.put('until', Date.now() + 60_000));
    await env.DB.exec('DELETE FROM watchers');

    await runDurableObjectAlarm(feed.stub);

    expect(await feed.until()).toBeGreaterThan(Date.now() + 80_000);
    expect(await runInDurableObject(feed.stub, (_, { storage }) => storage.getAlarm())).toBeGreaterThan(Date.now());
    expect(await client.ask({ last: id })).toEqual({ id, events: [] });
  });

  it('that ended while D1 was away has clients load anew once it is back', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await client.ask({ all: true });
    await feed.lapse();

    await runDurableObjectAlarm(feed.stub);

    await vi.waitFor(() => expect(client.received.at(-1)).toMatchObject({ reset: true }));
  });

  it('is left when the last client leaves, so that who comes back soon misses nothing; then it is removed', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    client.close();
    await vi.waitFor(async () => {
      const left = await runInDurableObject(
        feed.stub,
        (_, ctx) => ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN).length,
      );
      expect(left).toBe(0);
    });
    const until = await feed.until();

    await runDurableObjectAlarm(feed.stub);
    expect(await feed.until()).toBe(until);
    await feed.lapse();
    await env.DB.exec('UPDATE watchers SET until = 1');
    await runDurableObjectAlarm(feed.stub);

    expect(await feed.until()).toBeNull();
    expect(await runDurableObjectAlarm(feed.stub)).toBe(false);
  });
});

describe('the Worker', () => {
  it('publishes to the object that its clients are connected to, once for each commit', async () => {
    const live = createLive(env);
    const client = await feedClient(live.connect());
    await client.ask({ all: true });
    const engine = await makeEngine([scripted], { publish: live.publish });
    const receipts = await enqueue(
      engine,
      Array.from({ length: 100 }, () => ({ definition: scripted, input: {} })),
    );
    await engine.idle();
    engine.batches.splice(0);

    await engine.deliver();

    await vi.waitFor(() => expect(client.events()).toHaveLength(200));
    const messages = client.received.filter(({ events = [] }) => events.length > 0);
    expect(messages).toHaveLength(engine.batches.length);
    expect(new Set(idsOf(client))).toEqual(new Set(receipts.map(({ taskId }) => taskId)));
  });
});
