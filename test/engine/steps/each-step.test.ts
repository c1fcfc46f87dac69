// step.each: a loop that keeps its place.
import { describe, expect, it } from 'vitest';
import { enqueue, findTask, listAttempts } from '../../../src/engine/manage.ts';
import { makeEngine } from '../../support/engine.ts';
import { runSteps, stepped, stepRowsOf } from '../../support/stepped.ts';

const items = Array.from({ length: 250 }, (_, index) => index);

describe('step.each', () => {
  it('runs the body for each item, and goes on after the recorded place when an item fails', async () => {
    const done: number[] = [];
    let fails = true;
    const { engine, id } = await runSteps(async ({ step }) =>
      step.each('rows', items, (item, index) => {
        if (item === 120 && fails) {
          fails = false;
          throw new Error('once');
        }
        expect(index).toBe(item);
        done.push(item);
      }),
    );
    expect(await stepRowsOf(id)).toMatchObject([{ outcome: 'open', result: '{"done":120}' }]);
    await engine.drain();
    expect(done).toEqual(items);
    expect((await findTask(engine, id)).result).toEqual({ json: '250' });
    expect(await stepRowsOf(id)).toMatchObject([{ outcome: 'done', result: '{"done":250}' }]);
  });

  it('records its place every `every` items: an attempt that dies runs at most these again', async () => {
    const done: number[] = [];
    const { engine, id } = await runSteps(({ step, snooze }) =>
      step.each(
        'rows',
        items,
        (item) => {
          done.push(item);
          if (done.length === 25) snooze({ for: 1 });
        },
        { every: 10 },
      ),
    );
    await engine.drain();
    expect(done.slice(20, 30)).toEqual([20, 21, 22, 23, 24, 24, 25, 26, 27, 28]);
    expect((await findTask(engine, id)).state).toBe('SUCCESS');
  });

  it('outlives its invocation: it goes on in another, which counts as no attempt', async () => {
    let n = 0;
    const definition = stepped(
      ({ step }) =>
        step.each('slow', items.slice(0, 20), () => {
          n++;
          engine.advance(20);
        }),
      { timeoutSeconds: 100, retry: { max: 0 } },
    );
    const engine = await makeEngine([definition]);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    const id = receipt!.taskId;
    await engine.drain();
    const { state, attempts } = await findTask(engine, id);
    expect([state, attempts, n]).toEqual(['SUCCESS', 1, 20]);
    const outcomes = (await listAttempts(engine, id)).map(({ outcome, reason }) => [outcome, reason?.code]);
    expect(outcomes.length).toBeGreaterThan(4);
    expect(new Set(outcomes.slice(0, -1).map(String))).toEqual(new Set(['SNOOZED,queue']));
  });

  it('of nothing is done at once', async () => {
    const { engine, id } = await runSteps(({ step }) => step.each('none', [], () => 1));
    expect((await findTask(engine, id)).result).toEqual({ json: '0' });
  });

  it.each([0, -1, 2.5, Number.NaN])('refuses a place every %s items', async (every) => {
    const { engine, id } = await runSteps(({ step }) => step.each('rows', items, () => {}, { every }));
    expect(await findTask(engine, id)).toMatchObject({ state: 'FAILURE', error: { code: 'invalid_step' } });
  });
});
