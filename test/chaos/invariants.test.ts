import { describe, expect, it } from 'vitest';
import type { Task } from '../../scripts/api.ts';
import type { Facts } from './collect.ts';
import {
  batchesHeld,
  calledBackOnce,
  endedOnce,
  firedOnce,
  limitsHeld,
  mostAtOnce,
  mostInWindow,
  retriesCounted,
  uniqueOnce,
} from './invariants.ts';
import { FAILS, type Receipt, UNIQUE } from './load.ts';

const at = (ms: number) => new Date(ms).toISOString();

function task(id: string, fields: Partial<Task> = {}): Task {
  const instants = { created_at: at(0), started_at: at(1000), finished_at: at(2000), eta: null };
  const rest = { progress: null, result: null, error: null, attempts: 1, workflow_id: null, tags: [] };
  return { task_id: id, name: 'demo.echo', status: 'SUCCESS', ...instants, ...rest, ...fields };
}

function facts(tasks: Task[], fields: Partial<Facts> = {}): Facts {
  return {
    tasks: new Map(tasks.map((one) => [one.task_id, one])),
    attempts: new Map(),
    details: new Map(),
    workflows: new Map(),
    schedules: [],
    counted: new Map([['demo.echo', { succeeded: tasks.length, failed: 0 }]]),
    ...fields,
  };
}

const receipt = (taskIds: string[], duplicate = false): Receipt => ({ taskIds, workflowId: undefined, duplicate });
const passed = (checks: { passed: boolean }[]) => checks.map((each) => each.passed);

describe('the checks of the chaos test notice', () => {
  it('a task that is lost, that ended in another state, and that ended twice', () => {
    const good = [task('a'), task('b')];
    expect(passed(endedOnce(facts(good), [receipt(['a', 'b'])]))).toEqual([true, true, true]);
    expect(passed(endedOnce(facts(good), [receipt(['a', 'gone'])]))).toEqual([false, true, true]);
    expect(passed(endedOnce(facts([task('a', { tags: [FAILS] })]), []))).toEqual([true, false, true]);
    const twice = facts(good, { counted: new Map([['demo.echo', { succeeded: 3, failed: 0 }]]) });
    expect(passed(endedOnce(twice, []))).toEqual([true, true, false]);
  });

  it('a callback that is missing, and one that was sent as two', () => {
    const sent = (...ids: string[]) => new Map([['w', { ids: new Set(ids), requests: 2 }]]);
    expect(passed(calledBackOnce(facts([]), sent('msg_1'), ['w']))).toEqual([true, true]);
    expect(passed(calledBackOnce(facts([]), sent('msg_1', 'msg_2'), ['w']))).toEqual([true, false]);
    expect(passed(calledBackOnce(facts([]), new Map(), ['w']))).toEqual([true, false]);
    const failed = facts([], { workflows: new Map([['w', { status: 'FAILURE', parents: new Map() }]]) });
    expect(passed(calledBackOnce(failed, sent('msg_1'), ['w']))).toEqual([false, true]);
  });

  it('a firing that is missing or doubled', () => {
    const schedule = { name: 's', task: 'demo.echo', cron: '* * * * *', every: null, skipped: 0 };
    const schedules = [{ ...schedule, createdAt: 30_000, lastRunAt: 120_000 }];
    const fired = (count: number) =>
      facts(
        Array.from({ length: count }, (_, i) => task(`${i}`)),
        { schedules },
      );
    expect([1, 2, 3].map((count) => passed(firedOnce(fired(count))))).toEqual([[false], [true], [false]]);
    const every = [{ ...schedule, cron: null, every: 20, createdAt: 5000, lastRunAt: 45_000 }];
    expect(passed(firedOnce(facts([task('a'), task('b')], { schedules: every })))).toEqual([true]);
  });

  it('two tasks with one unique key that are alive together', () => {
    const tags = [`${UNIQUE}1`];
    const first = task('a', { tags });
    const next = task('b', { tags, created_at: at(2000), finished_at: at(3000) });
    const early = { ...next, created_at: at(1999) };
    expect(uniqueOnce(facts([first, next]), [receipt(['a'], true)]).passed).toBe(true);
    expect(uniqueOnce(facts([first, early]), [receipt(['a'], true)]).passed).toBe(false);
    expect(uniqueOnce(facts([first, next]), [receipt(['a'])]).passed).toBe(false);
  });

  it('too many starts in a second, and too many tasks at once', () => {
    const limited = Array.from({ length: 22 }, (_, i) => task(`${i}`, { name: 'demo.limited' }));
    const started = (spacing: number) =>
      new Map(
        limited.map(({ task_id }, i) => [task_id, [{ outcome: 'SUCCESS', startedAt: i * spacing, finishedAt: 1e6 }]]),
      );
    expect(limitsHeld(facts(limited, { attempts: started(50) }))[0]?.passed).toBe(true);
    expect(limitsHeld(facts(limited, { attempts: started(40) }))[0]?.passed).toBe(false);
    const places = ['a', 'b', 'c'].map((id) => task(id, { name: 'demo.two_at_once' }));
    const details = new Map(places.map(({ task_id }) => [task_id, { input: { key: 'k' }, result: null }]));
    const attempts = (startedAt: number) => {
      const attempt = (from: number) => [{ outcome: 'SUCCESS', startedAt: from, finishedAt: from + 10 }];
      return new Map([
        ['a', attempt(0)],
        ['b', attempt(0)],
        ['c', attempt(startedAt)],
      ]);
    };
    expect(limitsHeld(facts(places, { details, attempts: attempts(10) }))[1]?.passed).toBe(true);
    expect(limitsHeld(facts(places, { details, attempts: attempts(9) }))[1]?.passed).toBe(false);
  });

  it('a result that is given to another task of the batch, and a batch of several after a crash', () => {
    const pushes = ['a', 'b'].map((id) => task(id, { name: 'demo.push' }));
    const details = (device: string) =>
      new Map([
        ['a', { input: { device: 'x' }, result: { device: 'x', message_id: 'message-a' } }],
        ['b', { input: { device: 'y' }, result: { device, message_id: 'message-b' } }],
      ]);
    const attempt = (outcome: string, batchOf?: number) => ({ outcome, startedAt: 0, finishedAt: 1, batchOf });
    const attempts = (afterCrash: number) =>
      new Map([
        ['a', [attempt('SUCCESS', 2)]],
        ['b', [attempt('CRASHED'), attempt('SUCCESS', afterCrash)]],
      ]);
    const found = (device: string, afterCrash: number) =>
      passed(batchesHeld(facts(pushes, { details: details(device), attempts: attempts(afterCrash) })));
    expect(found('y', 1)).toEqual([true, true]);
    expect(found('x', 1)).toEqual([false, true]);
    expect(found('y', 2)).toEqual([true, false]);
  });

  it('a crash that used up a retry', () => {
    const flaky = [task('a', { name: 'demo.flaky' })];
    const ran = (attempts: number) => new Map([['a', { input: { failures: 1 }, result: { attempts } }]]);
    expect(retriesCounted(facts(flaky, { details: ran(2) })).passed).toBe(true);
    expect(retriesCounted(facts(flaky, { details: ran(3) })).passed).toBe(false);
  });
});

it('counts instants in a window and spans at an instant', () => {
  expect(mostInWindow([0, 999, 1000, 1001], 1000)).toBe(3);
  expect(
    mostAtOnce([
      [0, 10],
      [10, 20],
      [5, 15],
    ]),
  ).toBe(2);
});
