// Reading what a batch handler returned: each outcome belongs to its input, or to none.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readOutcomes } from '../../../src/engine/batch/outcome.ts';
import { PermanentFailure, RetryRequest, Snooze } from '../../../src/engine/index.ts';

const thrownBy = (outcome: unknown): unknown => {
  const [settle] = readOutcomes('a.b', [outcome], 1);
  try {
    return { result: settle?.() };
  } catch (error) {
    return error;
  }
};

it('gives the result, or throws what a handler of the task alone would have thrown', () => {
  const error = new TypeError('no');
  expect(thrownBy({ result: undefined })).toEqual({ result: undefined });
  expect(thrownBy({ error })).toBe(error);
  expect(thrownBy({ error: 'text' })).toBe('text');
  expect(thrownBy({ retry: {} })).toMatchObject({ constructor: RetryRequest, retryAfterSeconds: undefined });
  expect(thrownBy({ retry: { in: 7 } })).toMatchObject({ constructor: RetryRequest, retryAfterSeconds: 7 });
  expect(thrownBy({ snooze: { for: 3, reason: 'busy' } })).toMatchObject({
    constructor: Snooze,
    seconds: 3,
    message: 'busy',
  });
});

it.each<[unknown, RegExp]>([
  [undefined, /must be one of/],
  [null, /must be one of/],
  ['done', /must be one of/],
  [{}, /must be one of/],
  [{ result: 1, error: 'x' }, /must be one of/],
  [{ retry: true }, /outcome 0: retry: /],
  [{ retry: { in: -1 } }, /outcome 0: retry\.in: /],
  [{ retry: { in: 'soon' } }, /outcome 0: retry\.in: /],
  [{ retry: { after: 1 } }, /outcome 0: retry: /],
  [{ snooze: {} }, /outcome 0: snooze\.for: /],
  [{ snooze: undefined }, /outcome 0: snooze: /],
  [{ snooze: { for: Number.NaN } }, /outcome 0: snooze\.for: /],
  [{ snooze: { for: 1, reason: 2 } }, /outcome 0: snooze\.reason: /],
])('fails the task for good, by the name of its definition, when its outcome is %j', (outcome, message) => {
  const thrown = thrownBy(outcome) as PermanentFailure;
  expect(thrown).toBeInstanceOf(PermanentFailure);
  expect(thrown.code).toBe('invalid_output');
  expect(thrown.message).toMatch(/^a\.b: /);
  expect(thrown.message).toMatch(message);
});

it('a hole in the list is an outcome that says nothing', () => {
  const settles = readOutcomes('a.b', Object.assign(new Array(2), { 1: { result: 1 } }), 2);
  expect(() => settles[0]?.()).toThrow(/outcome 0 must be one of/);
  expect(settles[1]?.()).toBe(1);
});

it('says nothing about any task unless it is a list with one outcome for each', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), (returned, wanted) => {
      const read = () =>
        readOutcomes(
          'a.b',
          Array.from({ length: returned }, (_, n) => ({ result: n })),
          wanted,
        );
      if (returned === wanted) expect(read().map((settle) => settle())).toEqual([...Array(wanted).keys()]);
      else expect(read).toThrow(`a.b: runMany returned ${returned} outcomes for ${wanted} inputs`);
    }),
  );
  for (const none of [undefined, null, {}, 'ab', new Map(), new Set([1]), { length: 1, 0: { result: 1 } }])
    expect(() => readOutcomes('a.b', none, 1)).toThrow('a.b: runMany must return a list');
});
