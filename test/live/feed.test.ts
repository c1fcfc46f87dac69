// The live feed with real WebSockets: subscriptions, missed updates, limits, and the row in D1 that switches publishing on.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { updateJson } from '../../src/live/feed-messages.ts';
import { aFeed, anUpdate, idsOf, manyUpdates } from '../support/live.ts';

describe('a subscriber', () => {
  it('of all tasks receives each published update, in the form that goes over the wire', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id } = await client.ask({ all: true });
    const update = anUpdate({
      state: 'STARTED',
      progress: { percent: 50, message: 'half', current: 1, total: 2 },
      workflowId: crypto.randomUUID(),
    });

    await feed.publish([update]);

    await vi.waitFor(() => expect(client.received).toHaveLength(2));
    expect(client.received[1]).toEqual({
      id: id + 1,
      events: [
        {
          task_id: update.taskId,
          name: 'test.scripted',
          queue: 'default',
          status: 'STARTED',
          progress: { percent: 50, message: 'half', current: 1, total: 2 },
          workflow_id: update.workflowId,
          at: '2023-11-14T22:13:20.000Z',
        },
      ],
    });
  });

  it('of some tasks receives only updates of these tasks, and no message without one', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const [mine, others] = [anUpdate(), manyUpdates(3)];
    await client.ask({ tasks: [mine.taskId.toUpperCase()] });

    await feed.publish(others);
    await feed.publish([...others, mine]);
    await vi.waitFor(() => expect(client.events()).toHaveLength(1));

    expect(idsOf(client)).toEqual([mine.taskId]);
    expect(client.received).toHaveLength(2);
  });

  it('of 100 tasks is still subscribed to them after the object slept', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const updates = manyUpdates(100);
    await client.ask({ tasks: updates.map(({ taskId }) => taskId) });

    await evictDurableObject(feed.stub);
    await feed.publish([...updates, ...manyUpdates(5)]);
    await vi.waitFor(() => expect(client.events().length).toBeGreaterThan(0));

    expect(idsOf(client)).toEqual(updates.map(({ taskId }) => taskId));
  });

  it('replaces its subscription when it subscribes again', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const [before, after] = [anUpdate(), anUpdate()];
    await client.ask({ tasks: [before.taskId] });
    await client.ask({ tasks: [after.taskId] });

    await feed.publish([before, after]);
    await vi.waitFor(() => expect(client.events().length).toBeGreaterThan(0));

    expect(idsOf(client)).toEqual([after.taskId]);
  });

  it('receives the first 500 updates of a message, and how many more there were', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await client.ask({ all: true });

    await feed.publish(manyUpdates(501));
    await vi.waitFor(() => expect(client.received).toHaveLength(2));

    expect(client.received[1]).toMatchObject({ more: 1 });
    expect(client.events()).toHaveLength(500);
  });

  it('that has disconnected does not stop the others from receiving updates', async () => {
    const feed = aFeed();
    const [gone, here] = [await feed.connect(), await feed.connect()];
    await gone.ask({ all: true });
    await here.ask({ all: true });
    gone.close();

    await feed.publish([anUpdate()]);

    await vi.waitFor(() => expect(here.events()).toHaveLength(1));
  });

  it('receives a pong for each ping', async () => {
    const client = await aFeed().connect();

    client.sayText('ping');

    await vi.waitFor(() => expect(client.raw).toEqual(['pong']));
  });

  it('is refused with 503 when 500 are connected', async () => {
    const feed = aFeed();
    await feed.connect();
    await runInDurableObject(feed.stub, (_, ctx) => {
      for (let n = 0; n < 499; n++) ctx.acceptWebSocket(new WebSocketPair()[1]);
    });

    const response = await feed.stub.fetch('https://live/', { headers: { upgrade: 'websocket' } });

    expect(response.status).toBe(503);
    await runInDurableObject(feed.stub, (_, ctx) => {
      for (const socket of ctx.getWebSockets()) socket.close();
    });
  });
});

describe('a client that reconnects', () => {
  it('receives the updates of its tasks that it missed, once and in order', async () => {
    const feed = aFeed();
    const [first, ...rest] = manyUpdates(4);
    const before = await feed.connect();
    await before.ask({ all: true });
    await feed.publish([first!]);
    const { id: last } = await vi.waitFor(() => {
      expect(before.received).toHaveLength(2);
      return before.received[1]!;
    });
    before.close();
    for (const update of rest) await feed.publish([update]);
    const mine = rest.slice(0, 2).map(({ taskId }) => taskId);

    const [all, some] = [await feed.connect(), await feed.connect()];
    const answers = [await all.ask({ all: true, last }), await some.ask({ tasks: mine, last })];

    expect(idsOf(all)).toEqual(rest.map(({ taskId }) => taskId));
    expect(all.received.map(({ id }) => id)).toEqual([last + 1, last + 2, last + 3, last + 3]);
    expect(idsOf(some)).toEqual(mine);
    expect(answers.map(({ id }) => id)).toEqual([last + 3, last + 3]);
  });

  it('receives the updates it missed although the object was restarted', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    const update = anUpdate();
    await feed.publish([update]);
    client.close();
    await evictDurableObject(feed.stub, { webSockets: 'close' });

    const again = await feed.connect();
    await again.ask({ all: true, last });

    expect(idsOf(again)).toEqual([update.taskId]);
  });

  it('may ask for missed updates after it has subscribed', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    await feed.publish([anUpdate()]);
    const again = await feed.connect();
    await again.ask({ all: true });

    await again.ask({ last });

    expect(again.events()).toHaveLength(1);
  });

  it('must load anew when it missed more messages than are kept', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    for (let n = 0; n < 1001; n++) await feed.publish([anUpdate()]);

    const again = await feed.connect();
    const answer = await again.ask({ all: true, last });

    expect(answer).toEqual({ reset: true, id: last + 1001 });
    expect(await again.ask({ last: last + 500 })).toEqual({ id: last + 1001, events: [] });
  });

  it('must load anew when it missed a message that was too large to keep', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    await feed.publish(manyUpdates(5000));

    expect(await client.ask({ last })).toEqual({ reset: true, id: last + 1 });
  });

  it('must load anew after a time in which no updates were published', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    client.close();
    await feed.lapse();

    const answer = await (await feed.connect()).ask({ all: true, last });

    expect(answer).toMatchObject({ reset: true });
    expect(answer.id).toBeGreaterThan(last);
  });

  it.each([-1, 10 ** 15])('gets an answer even for a message id that never existed: %s', async (last) => {
    const client = await aFeed().connect();
    client.say({ all: true, last });

    if (last < 0) expect((await client.closed).code).toBe(1007);
    else await vi.waitFor(() => expect(client.received[0]).toMatchObject({ reset: true }));
  });
});

describe('a client is disconnected', () => {
  it.each(['nonsense', '{"all":false}', new Uint8Array([123, 125]).buffer])(
    'when it sends something that is not a request: %s',
    async (data) => {
      const client = await aFeed().connect();

      client.sayText(data);

      expect((await client.closed).code).toBe(1007);
    },
  );

  it('when it asks for missed updates without a subscription', async () => {
    const client = await aFeed().connect();

    client.say({ last: 1 });

    expect(await client.closed).toEqual({ code: 1008, reason: 'subscribe first' });
  });

  it('when it sends too many requests, and the others stay connected', async () => {
    const feed = aFeed();
    const [loud, calm] = [await feed.connect(), await feed.connect()];
    await calm.ask({ all: true });
    for (let n = 0; n < 61; n++) loud.say({ tasks: [] });

    expect(await loud.closed).toEqual({ code: 1008, reason: 'too many messages' });
    await feed.publish([anUpdate()]);
    await vi.waitFor(() => expect(calm.events()).toHaveLength(1));
    expect(loud.received.length).toBeLessThanOrEqual(60);
  });
});

describe('a client must connect again', () => {
  const again = { code: 1001, reason: 'connect again' };

  afterEach(() => vi.restoreAllMocks());

  it('after five minutes and not before, so that its API key is checked again', async () => {
    const feed = aFeed();
    const [old, other] = [await feed.connect(), await feed.connect()];
    await old.ask({ all: true });
    await other.ask({ all: true });
    const now = Date.now();
    const clock = vi.spyOn(Date, 'now').mockReturnValue(now + 4 * 60_000);
    await runDurableObjectAlarm(feed.stub);
    expect(await old.ask({ all: true })).toMatchObject({ events: [] });
    const late = await feed.connect();

    clock.mockReturnValue(now + 5 * 60_000 + 1000);
    await runDurableObjectAlarm(feed.stub);

    expect(await old.closed).toEqual(again);
    expect(await other.closed).toEqual(again);
    expect(await late.ask({ all: true })).toMatchObject({ events: [] });
  });

  it('after five minutes although the object slept', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await evictDurableObject(feed.stub);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5 * 60_000 + 1000);

    await runDurableObjectAlarm(feed.stub);

    expect(await client.closed).toEqual(again);
  });

  it('after 4,000,000 characters, and then receives everything after the last message', async () => {
    const feed = aFeed();
    const [reader, other] = [await feed.connect(), await feed.connect()];
    await reader.ask({ all: true });
    const quiet = anUpdate();
    await other.ask({ tasks: [quiet.taskId] });
    let characters = 0;
    let published = 0;
    const batch = manyUpdates(400);
    for (; characters < 4_000_000; published++) {
      await feed.publish(batch);
      characters += JSON.stringify({ id: 100, events: batch.map(updateJson) }).length;
      if (published === 5) await evictDurableObject(feed.stub);
    }

    expect(await reader.closed).toEqual(again);
    const missed = anUpdate();
    await feed.publish([missed, quiet]);
    expect(reader.received.filter(({ events = [] }) => events.length > 0)).toHaveLength(published);
    await vi.waitFor(() => expect(idsOf(other)).toEqual([quiet.taskId]));
    const back = await feed.connect();
    await back.ask({ all: true, last: reader.received.at(-1)!.id });
    expect(idsOf(back)).toEqual([missed.taskId, quiet.taskId]);
  });
});

describe('the row that says a client is connected', () => {
  it('is written before the client is connected, and lasts 90 seconds', async () => {
    const feed = aFeed();
    expect(await feed.until()).toBeNull();

    await feed.connect();

    const left = ((await feed.until()) ?? 0) - Date.now();
    expect(left).toBeGreaterThan(80_000);
    expect(left).toBeLessThanOrEqual(90_000);
  });

  it('is written once although many clients connect', async () => {
    const feed = aFeed();
    await feed.connect();
    const until = await feed.until();
    await Promise.all([feed.connect(), feed.connect(), feed.connect()]);

    expect(await feed.until()).toBe(until);
  });

  it('is renewed by the alarm while a client is connected, and the alarm is set again', async () => {
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

  it('makes clients load anew if it ended while D1 did not answer', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await client.ask({ all: true });
    await feed.lapse();

    await runDurableObjectAlarm(feed.stub);

    await vi.waitFor(() => expect(client.received.at(-1)).toMatchObject({ reset: true }));
  });

  it('stays when the last client leaves, so that a client that returns soon misses nothing, and is removed after its end', async () => {
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
