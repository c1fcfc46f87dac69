// The door of the live room: from a commit of the engine to a connected client, and the rate limit by name.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { enqueue } from '../../src/engine/manage.ts';
import { createLive } from '../../src/live/index.ts';
import { makeEngine } from '../support/engine.ts';
import { feedClient, idsOf } from '../support/live.ts';
import { scripted } from '../support/scripted.ts';

describe('the live room', () => {
  it('publishes to the clients that it connects, one message for each commit', async () => {
    const live = createLive(env);
    const client = await feedClient(live.connect('a caller'));
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

  it('counts calls by name, over all callers', async () => {
    const name = crypto.randomUUID();

    expect(await createLive(env).allow(name, 1)).toEqual({ allowed: true, retryAfterSeconds: 0 });
    expect(await createLive(env).allow(name, 1)).toMatchObject({ allowed: false });
    expect(await createLive(env).allow(crypto.randomUUID(), 1)).toMatchObject({ allowed: true });
  });
});
