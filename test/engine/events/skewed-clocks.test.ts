// Isolates whose clocks differ by seconds: whatever the order in which tasks are enqueued, wait and events come, each wait gets the
// earliest event that was stored after its task and that no other wait of the task took.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enqueue, findTask, sendEvent, sweep } from '../../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { stepped } from '../../support/stepped.ts';

/** Seconds by which each isolate's clock is fast. */
const SKEWS = [0, 8, -8];
const TYPE = 'skewed.event';

const definition = stepped(async ({ step }, waits) => {
  const taken: unknown[] = [];
  for (let wait = 0; wait < Number(waits); wait++) {
    const { payload } = await step.waitForEvent('next', { type: TYPE, timeout: '1 day' });
    taken.push(payload);
  }
  return taken as number[];
});

type Happening = { isolate: number; what: 'enqueue' | 'send' | 'deliver'; waits: number };

const happening: fc.Arbitrary<Happening> = fc.record({
  isolate: fc.nat(SKEWS.length - 1),
  what: fc.constantFrom('enqueue', 'send', 'send', 'deliver'),
  waits: fc.integer({ min: 1, max: 3 }),
});

async function resultOf(engine: TestEngine, id: string): Promise<unknown> {
  const { state, result } = await findTask(engine, id);
  return state === 'SUCCESS' && result && 'json' in result ? JSON.parse(result.json) : state;
}

it('each wait gets the earliest event that was stored after its task', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 16 }), async (happenings) => {
      await env.DB.batch(['tasks', 'task_steps', 'events'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
      const isolates: TestEngine[] = [];
      for (const skew of SKEWS) {
        const engine = await makeEngine([definition]);
        engine.advance(skew);
        isolates.push(engine);
      }
      let sent = 0;
      const tasks: { id: string; waits: number; after: number }[] = [];
      for (const { isolate, what, waits } of happenings) {
        const engine = isolates[isolate]!;
        if (what === 'send') await sendEvent(engine, { type: TYPE, payload: ++sent });
        if (what === 'deliver') await engine.deliver();
        if (what !== 'enqueue') continue;
        const [receipt] = await enqueue(engine, [{ definition, input: waits }]);
        tasks.push({ id: receipt!.taskId, waits, after: sent });
      }
      for (let round = 0; round < 8; round++) {
        for (const engine of isolates) {
          engine.advance(30);
          await sweep(engine);
          await engine.deliver();
        }
      }
      for (const { id, waits, after } of tasks) {
        const wanted = Array.from({ length: waits }, (_, wait) => after + 1 + wait);
        const label = JSON.stringify({ wanted, sent });
        expect(await resultOf(isolates[0]!, id), label).toEqual(wanted.at(-1)! <= sent ? wanted : 'RETRY');
      }
    }),
    { numRuns: 15 },
  );
}, 120_000);
