// The chore that sends messages again, and when it does not.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { redeliver } from '../../../src/engine/sweep/redeliver.ts';
import { enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(['tasks', 'leases'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** A task whose message is lost. */
async function aLostMessage(): Promise<{ engine: TestEngine; id: string }> {
  const engine = await makeEngine([scripted]);
  const id = await enqueueOne(engine);
  await engine.idle();
  engine.sent.default.splice(0);
  return { engine, id };
}

/** Says that messages wait in the queue, the oldest of them sent at this time. */
function fill(engine: TestEngine, oldestAt: number): void {
  const oldestMessageTimestamp = new Date(oldestAt);
  engine.queues.default.metrics = async () => ({ backlogCount: 9, backlogBytes: 9, oldestMessageTimestamp }) as never;
}

describe('the chore', () => {
  it('leaves a task alone whose message has had no time to arrive', async () => {
    const { engine } = await aLostMessage();
    engine.advance(engine.settings.ringGraceSeconds - 1);
    expect(await redeliver(engine)).toBe(0);
    engine.advance(1);
    expect(await redeliver(engine)).toBe(1);
  });

  it('waits twice as long after each message: the grace, then as long as the task has waited', async () => {
    const { engine, id } = await aLostMessage();
    const from = engine.clock.now();
    const looks = [];
    for (let second = 0; second < 300; second++) {
      if ((await redeliver(engine)) > 0) looks.push((engine.clock.now() - from) / 1000);
      engine.advance(1);
    }
    const grace = engine.settings.ringGraceSeconds;
    expect(looks).toEqual([1, 2, 4, 8, 16].map((factor) => factor * grace));
    expect((await rowOf(id)).state).toBe('PENDING');
  });

  it('sends nothing while the message may still wait in the queue, but for at most 15 minutes', async () => {
    const { engine } = await aLostMessage();
    fill(engine, engine.clock.now() - 1000);
    engine.advance(20);
    expect(await redeliver(engine)).toBe(0);
    engine.advance(16 * 60);
    expect(await redeliver(engine)).toBe(1);
  });

  it('sends a message when all messages in the queue are newer than that of the task', async () => {
    const { engine } = await aLostMessage();
    fill(engine, engine.clock.now() + 1000);
    engine.advance(20);
    expect(await redeliver(engine)).toBe(1);
  });

  it('sends a task that crashed before in a message of its own', async () => {
    const { engine, id } = await aLostMessage();
    await env.DB.prepare('UPDATE tasks SET crashes = 1').run();
    engine.advance(20);
    await redeliver(engine);
    expect(engine.sent.default.map(({ body }) => body)).toEqual([{ ids: [id], alone: true }]);
  });
});
