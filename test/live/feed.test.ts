import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { eventJson } from '../../src/live/message.ts';
import { openHistory } from '../../src/live/store.ts';
import { aFeed, anEvent, idsOf, manyEvents } from '../support/live.ts';

describe('a subscriber', () => {
  it('of all is sent what is published, in the form of the wire', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id } = await client.ask({ all: true });
    const event = anEvent({
      state: 'STARTED',
      progress: { percent: 50, message: 'half', current: 1, total: 2 },
      workflowId: crypto.randomUUID(),
    });

    await feed.publish([event]);

    await vi.waitFor(() => expect(client.received).toHaveLength(2));
    expect(client.received[1]).toEqual({
      id: id + 1,
      events: [
        {
          task_id: event.taskId,
          name: 'test.scripted',
          queue: 'default',
          status: 'STARTED',
          progress: { percent: 50, message: 'half', current: 1, total: 2 },
          workflow_id: event.workflowId,
          at: '2023-11-14T22:13:20.000Z',
        },
      ],
    });
  });

  it('of some tasks is sent theirs only, and nothing when none of them is concerned', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const [mine, others] = [anEvent(), manyEvents(3)];
    await client.ask({ tasks: [mine.taskId.toUpperCase()] });

    await feed.publish(others);
    await feed.publish([...others, mine]);
    await vi.waitFor(() => expect(client.events()).toHaveLength(1));

    expect(idsOf(client)).toEqual([mine.taskId]);
    expect(client.received).toHaveLength(2);
  });

  it('of a hundred tasks keeps them while the object sleeps', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const events = manyEvents(100);
    await client.ask({ tasks: events.map(({ taskId }) => taskId) });

    await evictDurableObject(feed.stub);
    await feed.publish([...events, ...manyEvents(5)]);
    await vi.waitFor(() => expect(client.events().length).toBeGreaterThan(0));

    expect(idsOf(client)).toEqual(events.map(({ taskId }) => taskId));
  });

  it('replaces its subscription with the next one', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const [before, after] = [anEvent(), anEvent()];
    await client.ask({ tasks: [before.taskId] });
    await client.ask({ tasks: [after.taskId] });

    await feed.publish([before, after]);
    await vi.waitFor(() => expect(client.events().length).toBeGreaterThan(0));

    expect(idsOf(client)).toEqual([after.taskId]);
  });

  it('is sent 500 events of a message, and how many more there were', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await client.ask({ all: true });

    await feed.publish(manyEvents(501));
    await vi.waitFor(() => expect(client.received).toHaveLength(2));

    expect(client.received[1]).toMatchObject({ more: 1 });
    expect(client.events()).toHaveLength(500);
  });

  it('that has gone away keeps nobody else from being told', async () => {
    const feed = aFeed();
    const [gone, here] = [await feed.connect(), await feed.connect()];
    await gone.ask({ all: true });
    await here.ask({ all: true });
    gone.close();

    await feed.publish([anEvent()]);

    await vi.waitFor(() => expect(here.events()).toHaveLength(1));
  });

  it('is answered its ping', async () => {
    const client = await aFeed().connect();

    client.sayText('ping');

    await vi.waitFor(() => expect(client.raw).toEqual(['pong']));
  });

  it('is refused when there are as many as there may be', async () => {
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

describe('who reconnects', () => {
  it('is sent what it missed, of its tasks, once and in order', async () => {
    const feed = aFeed();
    const [first, ...rest] = manyEvents(4);
    const before = await feed.connect();
    await before.ask({ all: true });
    await feed.publish([first!]);
    const { id: last } = await vi.waitFor(() => {
      expect(before.received).toHaveLength(2);
      return before.received[1]!;
    });
    before.close();
    for (const event of rest) await feed.publish([event]);
    const mine = rest.slice(0, 2).map(({ taskId }) => taskId);

    const [all, some] = [await feed.connect(), await feed.connect()];
    const answers = [await all.ask({ all: true, last }), await some.ask({ tasks: mine, last })];

    expect(idsOf(all)).toEqual(rest.map(({ taskId }) => taskId));
    expect(all.received.map(({ id }) => id)).toEqual([last + 1, last + 2, last + 3, last + 3]);
    expect(idsOf(some)).toEqual(mine);
    expect(answers.map(({ id }) => id)).toEqual([last + 3, last + 3]);
  });

  it('is sent it also by an object that slept or was restarted meanwhile', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    const event = anEvent();
    await feed.publish([event]);
    client.close();
    await evictDurableObject(feed.stub, { webSockets: 'close' });

    const again = await feed.connect();
    await again.ask({ all: true, last });

    expect(idsOf(again)).toEqual([event.taskId]);
  });

  it('may ask for it after it subscribed', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    await feed.publish([anEvent()]);
    const again = await feed.connect();
    await again.ask({ all: true });

    await again.ask({ last });

    expect(again.events()).toHaveLength(1);
  });

  it('is told to load anew when more was missed than is kept', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    for (let n = 0; n < 1001; n++) await feed.publish([anEvent()]);

    const again = await feed.connect();
    const answer = await again.ask({ all: true, last });

    expect(answer).toEqual({ reset: true, id: last + 1001 });
    expect(await again.ask({ last: last + 500 })).toEqual({ id: last + 1001, events: [] });
  });

  it('is told to load anew past a message that was too large to keep', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    await feed.publish(manyEvents(5000));

    expect(await client.ask({ last })).toEqual({ reset: true, id: last + 1 });
  });

  it('is told to load anew after a time when nothing was published', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    const { id: last } = await client.ask({ all: true });
    client.close();
    await feed.lapse();

    const answer = await (await feed.connect()).ask({ all: true, last });

    expect(answer).toMatchObject({ reset: true });
    expect(answer.id).toBeGreaterThan(last);
  });

  it.each([-1, 10 ** 15])('with an id that never was is not answered with silence: %s', async (last) => {
    const client = await aFeed().connect();
    client.say({ all: true, last });

    if (last < 0) expect((await client.closed).code).toBe(1007);
    else await vi.waitFor(() => expect(client.received[0]).toMatchObject({ reset: true }));
  });

  it('costs two looks at the ends of what is kept, and not a walk through it', async () => {
    const read = await runInDurableObject(aFeed().stub, (_, { storage }) => {
      const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
      const exec: SqlStorage['exec'] = (query, ...bindings) => {
        const cursor = storage.sql.exec(query, ...bindings);
        cursors.push(cursor);
        return cursor as never;
      };
      const history = openHistory({ exec } as SqlStorage);
      for (let n = 0; n < 100; n++) history.add('[]');
      cursors.splice(0);
      history.range();
      return cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0);
    });

    expect(read).toBeLessThanOrEqual(2);
  });

  it('finds memory bounded, however much is published', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await client.ask({ tasks: [] });
    const events = manyEvents(2000);
    for (let n = 0; n < 20; n++) await feed.publish(events);

    const size = await runInDurableObject(
      feed.stub,
      (_, { storage }) => storage.sql.exec('SELECT sum(length(events)) AS size FROM messages').one().size,
    );

    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThan(2_500_000);
  });
});

describe('a client is dropped', () => {
  it.each([
    'nonsense',
    '{"all":true',
    'null',
    '{}x',
    '{"all":false}',
    '{"tasks":"x"}',
    '{"tasks":["x"]}',
    '{"all":true,"tasks":[]}',
    '{"all":true,"more":1}',
    '{"last":1.5}',
    `{"tasks":[${Array.from({ length: 101 }, () => `"${crypto.randomUUID()}"`)}]}`,
    `{"all":true,"x":"${'x'.repeat(100_000)}"}`,
  ])('that says %.40s', async (text) => {
    const client = await aFeed().connect();

    client.sayText(text);

    expect((await client.closed).code).toBe(1007);
  });

  it('that sends bytes', async () => {
    const client = await aFeed().connect();

    client.sayText(new Uint8Array([123, 125]).buffer);

    expect((await client.closed).code).toBe(1007);
  });

  it('that asks for what it missed without a subscription', async () => {
    const client = await aFeed().connect();

    client.say({ last: 1 });

    expect(await client.closed).toEqual({ code: 1008, reason: 'subscribe first' });
  });

  it('that talks too much, and only that one', async () => {
    const feed = aFeed();
    const [loud, calm] = [await feed.connect(), await feed.connect()];
    await calm.ask({ all: true });
    for (let n = 0; n < 61; n++) loud.say({ tasks: [] });

    expect(await loud.closed).toEqual({ code: 1008, reason: 'too many messages' });
    await feed.publish([anEvent()]);
    await vi.waitFor(() => expect(calm.events()).toHaveLength(1));
    expect(loud.received.length).toBeLessThanOrEqual(60);
  });
});

describe('a client is told to connect again', () => {
  const again = { code: 1001, reason: 'connect again' };

  afterEach(() => vi.restoreAllMocks());

  it('after five minutes, and not before, so that its key is looked at again', async () => {
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

  it('also when the object slept meanwhile', async () => {
    const feed = aFeed();
    const client = await feed.connect();
    await evictDurableObject(feed.stub);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 5 * 60_000 + 1000);

    await runDurableObjectAlarm(feed.stub);

    expect(await client.closed).toEqual(again);
  });

  it('after four million characters, which it may not have read, and then resumes behind the last of them', async () => {
    const feed = aFeed();
    const [reader, other] = [await feed.connect(), await feed.connect()];
    await reader.ask({ all: true });
    const quiet = anEvent();
    await other.ask({ tasks: [quiet.taskId] });
    let characters = 0;
    let published = 0;
    const batch = manyEvents(400);
    for (; characters < 4_000_000; published++) {
      await feed.publish(batch);
      characters += JSON.stringify({ id: 100, events: batch.map(eventJson) }).length;
      if (published === 5) await evictDurableObject(feed.stub);
    }

    expect(await reader.closed).toEqual(again);
    const missed = anEvent();
    await feed.publish([missed, quiet]);
    expect(reader.received.filter(({ events = [] }) => events.length > 0)).toHaveLength(published);
    await vi.waitFor(() => expect(idsOf(other)).toEqual([quiet.taskId]));
    const back = await feed.connect();
    await back.ask({ all: true, last: reader.received.at(-1)!.id });
    expect(idsOf(back)).toEqual([missed.taskId, quiet.taskId]);
  });
});
