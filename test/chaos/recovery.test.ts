import { describe, expect, it } from 'vitest';
import { type OpenTask, quantile, waitsAfter } from './recovery.ts';

const restart = { killedAt: 1000, answeredAt: 10_000, endedAt: 200_000, barSeconds: 90 };

function open(fields: Partial<OpenTask> = {}): OpenTask {
  const none = { dueAt: undefined, parentsEndedAt: [], startedAt: [], finishedAt: undefined, line: undefined };
  return { id: crypto.randomUUID(), name: 'a.b', createdAt: 500, ...none, ...fields };
}

const secondsOf = (...tasks: OpenTask[]) => waitsAfter(restart, tasks).map(({ seconds }) => seconds);

describe('the wait of a task that was open at a kill', () => {
  it('is counted from the answer of the server, with the rest of a dead lease', () => {
    expect(secondsOf(open({ startedAt: [900, 42_000] }))).toEqual([32]);
  });

  it('is 0 if it started before the server answered, and endless if it did not start', () => {
    expect(secondsOf(open({ startedAt: [9000] }), open({ startedAt: [900] }))).toEqual([0, Infinity]);
  });

  it('does not count the time until its ETA, its retry, or the end of its last parent', () => {
    expect(secondsOf(open({ dueAt: 50_000, startedAt: [51_000] }))).toEqual([1]);
    expect(secondsOf(open({ parentsEndedAt: [20_000, 60_000], startedAt: [63_000] }))).toEqual([3]);
  });

  it('is not known if it had less than the bar before the next kill, or was accepted after this one', () => {
    expect(secondsOf(open({ dueAt: 110_001 }), open({ createdAt: 1001 }))).toEqual([]);
    expect(secondsOf(open({ dueAt: 110_000 }))).toEqual([Infinity]);
    expect(secondsOf(open({ parentsEndedAt: [Infinity] }))).toEqual([]);
  });

  it('in the line of a rate limit begins at its turn, whatever the limit wrote into the task', () => {
    const line = { name: 'limited', limit: { spacingMs: 1000 } };
    const [first, second] = [open({ line, startedAt: [10_500] }), open({ line, dueAt: 99_000, startedAt: [99_000] })];
    expect(secondsOf(second, first)).toEqual([0.5, 88]);
  });

  it('for a place begins when a place became free', () => {
    const line = { name: 'places', limit: { places: 1 } };
    const first = open({ line, startedAt: [900, 30_000], finishedAt: 35_000 });
    const second = open({ line, startedAt: [36_000], finishedAt: 40_000 });
    expect(secondsOf(second, first)).toEqual([20, 1]);
  });
});

it('a quantile is a wait that occurred', () => {
  const waits = [3, 1, 2, 4].map((seconds) => ({ id: '', name: '', seconds }));
  expect([0.5, 0.95, 1].map((share) => quantile(waits, share))).toEqual([2, 4, 4]);
  expect(quantile([], 1)).toBe(0);
});
