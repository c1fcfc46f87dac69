// step.do: what ended is never run again.
import { describe, expect, it } from 'vitest';
import { PermanentFailure, type Steps } from '../../../src/engine/index.ts';
import { enqueue, findTask, listAttempts, retryTask, sweep } from '../../../src/engine/manage.ts';
import { claimAndDie } from '../../support/dying.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';
import { runSteps, stepped, stepRowsOf } from '../../support/stepped.ts';

const resultOf = async (engine: Parameters<typeof findTask>[0], id: string) => {
  const { state, result, error } = await findTask(engine, id);
  return result && 'json' in result ? [state, JSON.parse(result.json)] : [state, error?.code];
};

describe('a step', () => {
  it('that ended is not run again after a retry; the failed one is', async () => {
    const ran: string[] = [];
    const { engine, id } = await runSteps(async ({ step }) => {
      const one = await step.do('one', () => ran.push('one'));
      const two = await step.do('two', ({ idempotencyKey }) => {
        ran.push(idempotencyKey);
        if (ran.length < 4) throw new Error('not yet');
        return 2;
      });
      return [one, two];
    });
    await engine.drain();

    expect(ran).toEqual(['one', `${id}:two:1`, `${id}:two:1`, `${id}:two:1`]);
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', [1, 2]]);
    expect(
      (await stepRowsOf(id)).map(({ name, outcome, result, attempt }) => [name, outcome, result, attempt]),
    ).toEqual([
      ['one', 'done', '1', 1],
      ['two', 'done', '2', 3],
    ]);
  });

  it('is not run again after a crash, nor after a retry by hand', async () => {
    const ran: string[] = [];
    let fails = true;
    const definition = stepped(async ({ step }) => {
      await step.do('one', () => ran.push('one'));
      if (fails) throw new PermanentFailure('no');
      await step.do('two', () => ran.push('two'));
    });
    const engine = await makeEngine([definition]);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    await engine.deliver();
    fails = false;
    await retryTask(engine, receipt!.taskId);
    await engine.idle();
    engine.sent.default.splice(0);
    await claimAndDie(engine, [receipt!.taskId]);
    engine.advance(60);
    await sweep(engine);
    await engine.drain();

    expect(ran).toEqual(['one', 'two']);
    expect((await findTask(engine, receipt!.taskId)).state).toBe('SUCCESS');
  });

  it('returns in the first attempt what it returns in the others: a value as JSON has it', async () => {
    const seen: unknown[] = [];
    const { engine } = await runSteps(async ({ step }) => {
      const value = await step.do('date', () => ({ at: new Date(0), none: undefined }));
      seen.push(value);
      if (seen.length === 1) throw new Error('once');
    });
    await engine.drain();
    expect(seen).toEqual([{ at: '1970-01-01T00:00:00.000Z' }, { at: '1970-01-01T00:00:00.000Z' }]);
  });

  it('of one name twice has two occurrences, and steps beside each other are told apart', async () => {
    let runs = 0;
    const { engine, id } = await runSteps(async ({ step, id: own }) => {
      const bodies = ['a', 'b', 'c'].map((letter) => step.do('same', () => `${letter}${++runs}`));
      const results = await Promise.all(bodies);
      if (runs === 3 && (await rowOf(own)).fence === 1) throw new Error('once');
      return results;
    });
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', ['a1', 'b2', 'c3']]);
  });

  it('large results go to R2, and come back', async () => {
    const { engine, id } = await runSteps(async ({ step }) => {
      const large = await step.do('large', () => 'x'.repeat(100_000));
      const medium = await step.do('medium', () => 'y'.repeat(10_000));
      await step.sleep('a while', '1 hour');
      return [large.length, medium.length];
    });
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', [100_000, 10_000]]);
    expect((await stepRowsOf(id))[0]).toMatchObject({
      result: null,
      result_key: expect.stringContaining(`payloads/${id}/step-`),
    });
  });

  it.each([
    ['too long a name', (step: Steps) => step.do('x'.repeat(300), () => 1), 'invalid_step'],
    ['no name', (step: Steps) => step.do('', () => 1), 'invalid_step'],
    ['a result that JSON does not hold', (step: Steps) => step.do('big', () => 1n), 'invalid_output'],
    ['a result of 30 MB', (step: Steps) => step.do('huge', () => 'x'.repeat(30_000_000)), 'result_too_large'],
    [
      'a wait for a type that no event can have',
      (step: Steps) => step.waitForEvent('e', { type: 'Order Paid' }),
      'invalid_step',
    ],
    [
      'a wait for too long a key',
      (step: Steps) => step.waitForEvent('e', { type: 'a', key: 'k'.repeat(300) }),
      'invalid_step',
    ],
    [
      'a wait since no date',
      (step: Steps) => step.waitForEvent('e', { type: 'a', since: new Date('never') }),
      'invalid_step',
    ],
    ['a timeout in the past', (step: Steps) => step.waitForEvent('e', { type: 'a', timeout: -1 }), 'invalid_step'],
    [
      'retries without a number',
      (step: Steps) => step.do('d', { retries: { limit: Number.NaN, delay: 1 } }, () => 1),
      'invalid_step',
    ],
    [
      'a pause that is none',
      (step: Steps) => step.do('d', { retries: { limit: 1, delay: 'soon' as never } }, () => 1),
      'invalid_step',
    ],
    ['a negative sleep', (step: Steps) => step.sleep('s', -1), 'invalid_step'],
    ['a sleep of eleven years', (step: Steps) => step.sleep('s', '11 years'), 'invalid_step'],
    ['a date that is none', (step: Steps) => step.sleepUntil('s', new Date('never')), 'invalid_step'],
    ['an approval without a title', (step: Steps) => step.approval('a', { title: '' }), 'invalid_step'],
  ])('%s: FAILURE at once, with a code', async (_, ask, code) => {
    const { engine, id } = await runSteps(({ step }) => ask(step));
    expect(await resultOf(engine, id)).toEqual(['FAILURE', code]);
  });

  it('asked for as another kind than was recorded ends the task as FAILURE "diverged", which names both', async () => {
    let attempt = 0;
    const { engine, id } = await runSteps(async ({ step }) => {
      if (++attempt === 1) {
        await step.do('wait', () => 1);
        throw new Error('once');
      }
      await step.sleep('wait', '1 hour');
    });
    await engine.drain();
    const { error } = await findTask(engine, id);
    expect(error).toMatchObject({ code: 'diverged', message: expect.stringMatching(/step\.sleep.*step\.do.*"wait"/) });
  });

  it('that is no longer asked for is named in a warning', async () => {
    let attempt = 0;
    const { engine, id } = await runSteps(async ({ step }) => {
      if (++attempt === 1) {
        await step.do('old', () => 1);
        throw new Error('once');
      }
      await step.do('new', () => 1);
    });
    await engine.drain();
    const logs = (await listAttempts(engine, id)).at(-1)!.logs.map(({ message }) => message);
    expect(logs).toEqual([expect.stringContaining('"old"')]);
  });
});

describe('an error of a step', () => {
  it('that the code catches is recorded with the next step, and is the same in other attempts', async () => {
    let tries = 0;
    const seen: unknown[] = [];
    const { engine, id } = await runSteps(async ({ step }) => {
      const failed = await step
        .do('fragile', () => {
          tries++;
          throw new TypeError('broken');
        })
        .catch((error: Error) => error.message);
      await step.do('after', () => 1);
      seen.push(failed);
      if (seen.length === 1) throw new Error('once');
    });
    await engine.drain();
    expect([tries, seen, (await findTask(engine, id)).state]).toEqual([1, ['broken', 'broken'], 'SUCCESS']);
    expect((await stepRowsOf(id)).map(({ name, outcome }) => [name, outcome])).toEqual([
      ['fragile', 'failed'],
      ['after', 'done'],
    ]);
  });

  it('that the code does not catch is not recorded, though a step beside it goes on; that one is recorded before the attempt ends', async () => {
    const ran: string[] = [];
    const { engine, id } = await runSteps(async ({ step }) => {
      await Promise.all([
        step.do('fails', () => {
          ran.push('fails');
          if (ran.length < 3) throw new Error('not yet');
        }),
        step.do('slow', async () => {
          ran.push('slow');
          await scheduler.wait(50);
        }),
      ]);
    });
    expect((await stepRowsOf(id)).map(({ name, outcome }) => [name, outcome])).toEqual([['slow', 'done']]);
    await engine.drain();
    expect(ran).toEqual(['fails', 'slow', 'fails']);
    expect((await findTask(engine, id)).state).toBe('SUCCESS');
  });

  it('is tried again within the attempt as its retries say: short pauses here, long ones in another attempt', async () => {
    const tries: number[] = [];
    const retries = { limit: 4, delay: '2 seconds', backoff: 'exponential' } as const;
    const { engine, id } = await runSteps(async ({ step }) =>
      step.do('flaky', { retries }, ({ attempt }) => {
        tries.push(attempt);
        if (attempt < 5) throw new Error('not yet');
        return attempt;
      }),
    );
    // Pauses of 2, 4, 8 and 16 s: the third ends the attempt.
    expect(tries).toEqual([1, 2, 3]);
    expect((await rowOf(id)).attempt).toBe(0);
    await engine.drain();
    expect(tries).toEqual([1, 2, 3, 4, 5]);
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', 5]);
  });

  it('after its retries is an error of the attempt', async () => {
    let tries = 0;
    const { engine, id } = await runSteps(
      ({ step }) =>
        step.do('broken', { retries: { limit: 2, delay: 0 } }, () => {
          tries++;
          throw new RangeError('no');
        }),
      { retry: { max: 0 } },
    );
    expect([tries, (await findTask(engine, id)).error?.type]).toEqual([3, 'RangeError']);
  });

  it('of a step that takes too long is "timeout"', async () => {
    let aborted = false;
    const { engine, id } = await runSteps(
      ({ step }) =>
        step.do('slow', { timeout: 20 }, ({ signal }) => {
          signal.addEventListener('abort', () => {
            aborted = true;
          });
          return new Promise(() => {});
        }),
      { retry: { max: 0 } },
    );
    expect([(await findTask(engine, id)).error?.code, aborted]).toEqual(['timeout', true]);
  });
});

describe('a runner that lost its task', () => {
  it('records no step', async () => {
    const gate = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    let runs = 0;
    const definition = stepped(async ({ step }) => {
      await step.do('slow', async () => {
        if (++runs > 1) return runs;
        begun.resolve();
        await gate.promise;
        return runs;
      });
      return step.do('next', () => 'next');
    });
    const engine = await makeEngine([definition]);
    const [receipt] = await enqueue(engine, [{ definition, input: null }]);
    const first = engine.deliver();
    await begun.promise;
    engine.advance(60);
    await sweep(engine);
    engine.advance(1);
    const second = engine.deliver();
    await second;
    gate.resolve();
    await first;
    expect(await stepRowsOf(receipt!.taskId)).toMatchObject([
      { name: 'slow', result: '2', attempt: 2 },
      { name: 'next', attempt: 2 },
    ]);
    expect((await findTask(engine, receipt!.taskId)).state).toBe('SUCCESS');
  });
});
