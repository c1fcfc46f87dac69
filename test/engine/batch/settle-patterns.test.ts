// Property: whatever each task of a batch comes to, whatever batches they share, and whatever order of deliveries, duplicates,
// losses, crashes and sweeps: each task ends as its own outcomes say, and no result is another's.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enqueue, findTask, listAttempts } from '../../../src/engine/manage.ts';
import { bulkPush } from '../../support/bulk-push.ts';
import { disturb, Event } from '../../support/disorder.ts';
import { makeEngine } from '../../support/engine.ts';

type Say = 'succeed' | 'error' | 'fail' | 'retry' | 'snooze' | 'misfit' | 'nothing';
const Says = fc.array(fc.constantFrom<Say>('succeed', 'error', 'fail', 'retry', 'snooze', 'misfit', 'nothing'), {
  minLength: 1,
  maxLength: 4,
});

/** The state and the counted attempts that the outcomes lead to, with at most two retries. The last one is repeated. */
function endOf(says: Say[]): { state: string; attempts: number } {
  let attempts = 0;
  for (let n = 0; ; n++) {
    const say = says[Math.min(n, says.length - 1)] ?? 'succeed';
    if (say === 'snooze') continue;
    attempts++;
    if (say === 'succeed') return { state: 'SUCCESS', attempts };
    if (say === 'fail' || say === 'misfit' || say === 'nothing') return { state: 'FAILURE', attempts };
    if (attempts > 2) return { state: 'FAILURE', attempts };
  }
}

const clear = () =>
  env.DB.batch(['tasks', 'leases', 'attempts'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));

const Task = Says.filter((says) => says.at(-1) !== 'snooze');

it('each task of random batches ends as its own outcomes say, after as many attempts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(Task, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 6 }),
      async (tasks, size) => {
        await clear();
        const { definition, calls } = bulkPush({ batch: { size, waitMs: 1000 }, retry: { max: 2, backoff: () => 5 } });
        const engine = await makeEngine([definition]);
        const requests = tasks.map((say, index) => ({ definition, input: { say, to: `device ${index}` } }));
        const receipts = await enqueue(engine, requests);
        await engine.drain(40);
        for (const [index, { taskId }] of receipts.entries()) {
          const task = await findTask(engine, taskId);
          const wanted = endOf(tasks[index]!);
          expect([task.state, task.attempts]).toEqual([wanted.state, wanted.attempts]);
          if (wanted.state === 'SUCCESS')
            expect(task.result).toEqual({ json: JSON.stringify({ to: `device ${index}` }) });
          const failed = (await listAttempts(engine, taskId)).filter(({ error }) => error?.type === 'TypeError');
          for (const { error } of failed) expect(error?.message).toBe(`not pushed to device ${index}`);
        }
        for (const { inputs, ctx } of calls) {
          expect(inputs.length).toBeLessThanOrEqual(size);
          expect(ctx.members).toHaveLength(inputs.length);
        }
      },
    ),
    { numRuns: 30 },
  );
}, 120_000);

it('in any order of deliveries, duplicates, losses, crashes and sweeps too, and no attempt runs beside another of its task', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Say[]>(['succeed'], ['error', 'succeed'], ['snooze', 'succeed'], ['fail'], ['retry']), {
        minLength: 2,
        maxLength: 8,
      }),
      fc.array(Event, { maxLength: 20 }),
      async (tasks, events) => {
        await clear();
        const running = new Set<string>();
        let clashes = 0;
        const { definition } = bulkPush(
          { batch: { size: 3, waitMs: 1000 }, retry: { max: 2, backoff: () => 5 } },
          async ({ ctx }) => {
            for (const { id } of ctx.members) {
              if (running.has(id)) clashes++;
              running.add(id);
            }
            await scheduler.wait(1);
            for (const { id } of ctx.members) running.delete(id);
          },
        );
        const engine = await makeEngine([definition]);
        const requests = tasks.map((say, index) => ({ definition, input: { say, to: `device ${index}` } }));
        const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
        await engine.idle();
        await disturb(engine, ids, events);
        await engine.drain(60);
        const ends = await Promise.all(ids.map((id) => findTask(engine, id)));
        expect(ends.map(({ state }) => state)).toEqual(tasks.map((says) => endOf(says).state));
        for (const [index, { state, result }] of ends.entries())
          if (state === 'SUCCESS') expect(result).toEqual({ json: JSON.stringify({ to: `device ${index}` }) });
        expect(clashes).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
}, 120_000);
