// Recovery within a minute: whatever a queue says of its backlog, the second sweep at the latest sends a message for a task
// whose message was lost, whose message became a dead letter, or whose invocation died.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chain } from '../../../src/engine/index.ts';
import { consumeDead, decideApproval, enqueue, enqueueWorkflow, sendEvent, sweep } from '../../../src/engine/manage.ts';
import { claimAndDie, enqueueOne } from '../../support/dying.ts';
import { aBatch, makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';
import { stepped } from '../../support/stepped.ts';

const SWEEP_SECONDS = 60;

const Backlog = fc.record({ count: fc.integer({ min: 0, max: 1_000_000 }), ageSeconds: fc.nat({ max: 4 * 86_400 }) });
type Backlog = typeof Backlog extends fc.Arbitrary<infer Each> ? Each : never;

/** The queue says that it holds `count` messages, the oldest of them `ageSeconds` old when the test began. */
function reportBacklog(engine: TestEngine, { count, ageSeconds }: Backlog): void {
  const oldestMessageTimestamp = new Date(engine.clock.now() - ageSeconds * 1000);
  engine.queues.default.metrics = async () => ({ backlogCount: count, backlogBytes: 0, oldestMessageTimestamp });
}

/** Ids in the messages sent so far, which it takes away. */
function takeSent(engine: TestEngine): string[] {
  return engine.sent.default.splice(0).flatMap(({ body }) => body.ids);
}

/** Sweeps once a minute; the number of the sweep that sent a message for the task. */
async function sweepsUntilRung(engine: TestEngine, id: string, atMost: number): Promise<number> {
  for (let sweeps = 1; sweeps <= atMost; sweeps++) {
    engine.advance(SWEEP_SECONDS);
    await sweep(engine);
    await engine.idle();
    if (takeSent(engine).includes(id)) return sweeps;
  }
  return Number.POSITIVE_INFINITY;
}

const withAnyBacklog = (what: (engine: TestEngine, backlog: Backlog) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(Backlog, async (backlog) => what(await makeEngine([scripted, waiter]), backlog)),
    { numRuns: 25 },
  );

const SLEEP_SECONDS = 60;
type Wait = 'an event' | 'a decision' | 'the end of a sleep';

/** A task that waits for what its input says. */
const waiter = stepped(async ({ id, step }, input) => {
  if (input === 'an event') await step.waitForEvent('wait', { type: 'test.wait', key: id });
  else if (input === 'a decision') await (await step.approval('wait', { title: 'Well?' })).decision();
  else await step.sleep('wait', SLEEP_SECONDS * 1000);
});

async function endWait(engine: TestEngine, wait: Wait, taskId: string): Promise<void> {
  // An event counts from the task's creation on, which its id tells by the real clock.
  engine.advance(1);
  if (wait === 'an event') await sendEvent(engine, { type: 'test.wait', key: taskId, payload: 1 });
  else if (wait === 'a decision') {
    const decision = { approved: true, by: 'a person', note: null };
    await decideApproval(engine, { taskId, name: 'wait', occurrence: 1 }, decision);
  } else engine.advance(SLEEP_SECONDS);
}

describe('with any backlog', () => {
  it('a lost message is sent again by the second sweep', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const id = await enqueueOne(engine);
      await engine.idle();
      takeSent(engine);
      reportBacklog(engine, backlog);
      expect(await sweepsUntilRung(engine, id, 2)).toBeLessThanOrEqual(2);
    });
  });

  it('a dead letter is followed by a message by the second sweep', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const id = await enqueueOne(engine);
      await engine.idle();
      takeSent(engine);
      engine.advance(50);
      reportBacklog(engine, backlog);
      await consumeDead(engine, aBatch('dead', [{ ids: [id] }]));
      expect(await sweepsUntilRung(engine, id, 2)).toBeLessThanOrEqual(2);
    });
  });

  it('a dead letter after the sweep has sent a message is followed by another one', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const id = await enqueueOne(engine);
      await engine.idle();
      takeSent(engine);
      await sweepsUntilRung(engine, id, 2);
      reportBacklog(engine, backlog);
      await consumeDead(engine, aBatch('dead', [{ ids: [id] }]));
      expect(await sweepsUntilRung(engine, id, 2)).toBeLessThanOrEqual(2);
    });
  });

  it.each<Wait>(['an event', 'a decision', 'the end of a sleep'])(
    'the message that %s has sent for a waiting task is sent again by the second sweep if it is lost',
    async (wait) => {
      await withAnyBacklog(async (engine, backlog) => {
        const [receipt] = await enqueue(engine, [{ definition: waiter, input: wait }]);
        const { taskId } = receipt!;
        await engine.deliver();
        reportBacklog(engine, backlog);
        await endWait(engine, wait, taskId);
        await engine.idle();
        takeSent(engine);
        expect(await sweepsUntilRung(engine, taskId, 2)).toBeLessThanOrEqual(2);
      });
    },
  );

  it('a link whose message is lost when its parent has ended gets another one by the second sweep', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const { taskIds } = await enqueueWorkflow(engine, chain(scripted.s({}), scripted.si({})).node);
      await engine.deliver();
      reportBacklog(engine, backlog);
      takeSent(engine);
      expect(await sweepsUntilRung(engine, taskIds[1]!, 2)).toBeLessThanOrEqual(2);
    });
  });

  it('a task whose invocation died gets a message from the sweep that takes it back', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const id = await enqueueOne(engine);
      await engine.idle();
      takeSent(engine);
      await claimAndDie(engine, [id]);
      reportBacklog(engine, backlog);
      expect(await sweepsUntilRung(engine, id, 1)).toBe(1);
    });
  });

  it('a crashed task whose message is lost, too, gets the next one by the third sweep', async () => {
    await withAnyBacklog(async (engine, backlog) => {
      const id = await enqueueOne(engine);
      await engine.idle();
      await claimAndDie(engine, [id]);
      await sweepsUntilRung(engine, id, 1);
      reportBacklog(engine, backlog);
      expect(await sweepsUntilRung(engine, id, 2)).toBeLessThanOrEqual(2);
    });
  });
});

describe('a backlog', () => {
  it('is not made longer: within an hour a waiting task gets few messages', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    await engine.idle();
    takeSent(engine);
    reportBacklog(engine, { count: 1000, ageSeconds: 3600 });
    let messages = 0;
    for (let minute = 0; minute < 60; minute++) {
      engine.advance(SWEEP_SECONDS);
      await sweep(engine);
      await engine.idle();
      messages += takeSent(engine).filter((rung) => rung === id).length;
    }
    expect(messages).toBeGreaterThan(0);
    expect(messages).toBeLessThanOrEqual(5);
  });

  it('of 20,000 lost messages is sent again by one sweep', async () => {
    const engine = await makeEngine([scripted]);
    const requests = Array.from({ length: 10_000 }, () => ({ definition: scripted, input: {} }));
    const ids = [...(await enqueue(engine, requests)), ...(await enqueue(engine, requests))].map(
      ({ taskId }) => taskId,
    );
    await engine.idle();
    takeSent(engine);
    engine.advance(SWEEP_SECONDS);
    await sweep(engine);
    const rung = new Set(takeSent(engine));
    expect(ids.filter((id) => !rung.has(id))).toEqual([]);
  }, 60_000);
});
