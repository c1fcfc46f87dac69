// Property: whatever the order of deliveries, duplicates, losses, crashes and sweeps, every task ends, no transition is
// illegal (a trigger refuses it), and no task fails except by its own errors.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { chord, defineTask, fixed } from '../../src/engine/index.ts';
import { enqueue, FINAL_STATES, findTask, useEngine } from '../../src/engine/manage.ts';
import { disturb, Event } from '../support/disorder.ts';
import { makeEngine, statesOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const Script = fc.constantFrom(['succeed'], ['throw', 'succeed'], ['snooze', 'succeed'], ['fail'], ['throw']);

const member = defineTask({
  name: 'test.member',
  input: z.object({ n: z.int() }),
  output: z.object({ n: z.int() }),
  retry: { backoff: fixed(5) },
  run({ n }, { attempt }) {
    if (n % 3 === 0 && attempt === 1) throw new Error('once');
    return { n };
  },
});

let bodyRuns = 0;
const body = defineTask({
  name: 'test.body',
  input: z.object({ results: z.array(z.object({ n: z.int() })) }),
  output: z.array(z.int()),
  run({ results }) {
    bodyRuns++;
    return results.map(({ n }) => n);
  },
});

it('in any order of events a chord runs its body exactly once, with all results in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7 }), fc.array(Event, { maxLength: 25 }), async (members, events) => {
      await env.DB.batch(
        ['tasks', 'leases', 'attempts', 'edges'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
      );
      const engine = await makeEngine([member, body]);
      useEngine(engine);
      bodyRuns = 0;
      const header = Array.from({ length: members }, (_, n) => member.s({ n }));
      const { taskIds, resultTaskId } = await chord(header, body.s()).enqueue();
      await engine.idle();
      await disturb(engine, taskIds, events);
      await engine.drain(60);
      expect(new Set(await statesOf(taskIds))).toEqual(new Set(['SUCCESS']));
      expect((await findTask(engine, resultTaskId)).result).toEqual({ json: JSON.stringify(header.map((_, n) => n)) });
      expect(bodyRuns).toBe(1);
    }),
    { numRuns: 40 },
  );
}, 60_000);

it('any order of deliveries, duplicates, losses and crashes ends every task as it should', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(Script, { minLength: 1, maxLength: 6 }),
      fc.array(Event, { maxLength: 25 }),
      async (scripts, events) => {
        await env.DB.batch(['tasks', 'leases', 'attempts'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
        const engine = await makeEngine([scripted]);
        const receipts = await enqueue(
          engine,
          scripts.map((steps) => ({ definition: scripted, input: { do: steps } })),
        );
        const ids = receipts.map(({ taskId }) => taskId);
        await engine.idle();
        await disturb(engine, ids, events);
        await engine.drain(60);
        const wanted = scripts.map((steps) => (steps.at(-1) === 'succeed' ? 'SUCCESS' : 'FAILURE'));
        const states = await statesOf(ids);
        expect(states.every((state) => FINAL_STATES.includes(state as never))).toBe(true);
        expect(states).toEqual(wanted);
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);
