// What must hold after the chaos test, whatever was killed when. Each check returns what it found. Pure.
import type { Task } from '../../scripts/api.ts';
import type { Callbacks } from './callbacks.ts';
import type { Facts, Schedule } from './collect.ts';
import type { Counts } from './ledger.ts';
import { FAILS, type Receipt, UNIQUE } from './load.ts';

export interface Check {
  passed: boolean;
  text: string;
  detail: string;
}

const MINUTE_MS = 60_000;
/** demo.limited: 20 a second. Starts are recorded to the millisecond, so that the one at the end of the second counts, too. */
export const RATE = { perWindow: 20, windowMs: 1000 };
/** demo.two_at_once. */
export const PLACES = 2;

/** Every accepted task exists and ended once, in the state that it must end in. */
export function endedOnce(facts: Facts, receipts: readonly Receipt[]): Check[] {
  const accepted = new Set(receipts.flatMap(({ taskIds }) => taskIds));
  const lost = [...accepted].filter((id) => !facts.tasks.has(id));
  const tasks = [...facts.tasks.values()];
  const wrong = tasks.filter((task) => task.status !== (task.tags.includes(FAILS) ? 'FAILURE' : 'SUCCESS'));
  const byName = Map.groupBy(tasks, ({ name }) => name);
  const miscounted = [...byName].filter(([name, all]) => {
    const ended = (status: string) => all.filter((task) => task.status === status).length;
    const counted = facts.counted.get(name);
    return counted?.succeeded !== ended('SUCCESS') || counted.failed !== ended('FAILURE');
  });
  return [
    check(lost.length === 0, 'Every accepted task exists.', `${lost.length} of ${accepted.size} lost`),
    check(wrong.length === 0, 'Every task ended as it must.', `${tasks.length} tasks, ${describe(wrong)}`),
    check(
      miscounted.length === 0,
      'Every task ended once, as the statistics count it.',
      miscounted.length === 0 ? `${byName.size} definitions` : miscounted.map(([name]) => name).join(', '),
    ),
  ];
}

export function sentOnce(counts: Counts, wanted: number): Check[] {
  const twice = Math.max(counts.acceptedTwicePerKey, counts.acceptedTwicePerRecipient);
  return [
    check(
      counts.accepted === wanted && counts.distinct === wanted,
      `The mail API accepted ${wanted} different mails.`,
      `${counts.distinct} different of ${counts.accepted} accepted`,
    ),
    check(
      twice === 0 && counts.conflicts === 0,
      'No mail was accepted twice.',
      `${twice} accepted twice, ${counts.conflicts} conflicts of idempotency keys`,
    ),
  ];
}

/** `wanted`: the workflows with a callback URL. */
export function calledBackOnce(facts: Facts, received: Callbacks['received'], wanted: readonly string[]): Check[] {
  const failed = [...facts.workflows.values()].filter(({ status }) => status !== 'SUCCESS').length;
  const wrong = wanted.filter((id) => received.get(id)?.ids.size !== 1).length;
  const repeats = [...received.values()].reduce((sum, { requests, ids }) => sum + requests - ids.size, 0);
  return [
    check(failed === 0, 'Every workflow succeeded.', `${facts.workflows.size} workflows, ${failed} did not`),
    check(
      wrong === 0 && received.size === wanted.length,
      'Each workflow with a callback URL sent one callback.',
      `${wanted.length - wrong} of ${wanted.length}, ${repeats} repeated with the same webhook-id`,
    ),
  ];
}

/** Each schedule enqueued one task for each of its times, from its creation to its last firing. */
export function firedOnce(facts: Facts): Check[] {
  return facts.schedules.map((schedule) => {
    const tasks = [...facts.tasks.values()].filter(({ name }) => name === schedule.task).length;
    const times = timesOf(schedule);
    return check(
      tasks === times && times > 0 && schedule.skipped === 0,
      `The schedule ${schedule.name} fired once at each of its times.`,
      `${tasks} tasks for ${times} times, ${schedule.skipped} skipped`,
    );
  });
}

function timesOf({ every, createdAt, lastRunAt }: Schedule): number {
  if (every !== null) return Math.round((lastRunAt - createdAt) / (every * 1000));
  return Math.floor(lastRunAt / MINUTE_MS) - Math.floor(createdAt / MINUTE_MS);
}

/** Of the tasks with one unique key, the next is made when the one before has ended. */
export function uniqueOnce(facts: Facts, receipts: readonly Receipt[]): Check {
  const byKey = Map.groupBy(
    [...facts.tasks.values()].filter(({ tags }) => tags.some((tag) => tag.startsWith(UNIQUE))),
    ({ tags }) => tags.find((tag) => tag.startsWith(UNIQUE)) ?? '',
  );
  const spans = [...byKey.values()].flatMap((tasks) => [
    mostAtOnce(tasks.map((task) => [Date.parse(task.created_at), endOf(task)])),
  ]);
  const duplicates = receipts.filter(({ duplicate }) => duplicate).length;
  const most = Math.max(0, ...spans);
  return check(
    most === 1 && duplicates > 0,
    'Of each unique key, one task was alive at a time.',
    `${byKey.size} unique keys, ${duplicates} duplicates, at most ${most} at a time`,
  );
}

/** An attempt that crashed or was put off may have waited for its slot: only of one that succeeded it is known when it started. */
export function limitsHeld(facts: Facts): Check[] {
  const starts = namesOf(facts, 'demo.limited')
    .flatMap((id) => facts.attempts.get(id) ?? [])
    .filter(({ outcome }) => outcome === 'SUCCESS')
    .map(({ startedAt }) => startedAt)
    .sort((a, b) => a - b);
  const most = mostInWindow(starts, RATE.windowMs);
  const byKey = Map.groupBy(namesOf(facts, 'demo.two_at_once'), (id) => String(facts.details.get(id)?.input.key));
  const places = [...byKey.values()].map((ids) =>
    mostAtOnce(
      ids
        .flatMap((id) => facts.attempts.get(id) ?? [])
        .map(({ startedAt, finishedAt = Infinity }) => [startedAt, finishedAt]),
    ),
  );
  return [
    check(
      most <= RATE.perWindow + 1,
      `The rate limit held: ${RATE.perWindow} starts a second.`,
      `${starts.length} starts, at most ${most} in any second`,
    ),
    check(
      places.every((at) => at <= PLACES),
      `The concurrency limit held: ${PLACES} at once.`,
      `${byKey.size} concurrency keys, at most ${Math.max(0, ...places)} at once`,
    ),
  ];
}

/** Each task of a batch has its own result. Those of a batch that a kill ended run alone the next time. */
export function batchesHeld(facts: Facts): Check[] {
  const ids = namesOf(facts, 'demo.push');
  const wrong = ids.filter((id) => {
    const { input, result } = facts.details.get(id) ?? {};
    return result && !(result.device === input?.device && result.message_id === `message-${id}`);
  });
  const attempts = ids.map((id) => facts.attempts.get(id) ?? []);
  const shared = attempts.flat().filter(({ batchOf = 1 }) => batchOf > 1).length;
  const afterCrash = attempts.flatMap((all) => all.slice(1).filter((_, index) => all[index]?.outcome === 'CRASHED'));
  const together = afterCrash.filter(({ batchOf = 1 }) => batchOf > 1).length;
  return [
    check(
      wrong.length === 0 && shared > 0,
      'Each task of a batch has its own result.',
      `${ids.length} tasks, ${shared} attempts in a batch of several, ${wrong.length} with the result of another`,
    ),
    check(
      together === 0,
      'Each task of a batch that a kill ended ran alone the next time.',
      `${afterCrash.length} attempts after a crash, ${together} of them in a batch of several`,
    ),
  ];
}

/** A crash uses up no retry: demo.flaky sees each of its attempts once. */
export function retriesCounted(facts: Facts): Check {
  const tasks = namesOf(facts, 'demo.flaky').flatMap((id) => facts.details.get(id) ?? []);
  const wrong = tasks.filter(({ input, result }) => result?.attempts !== Number(input.failures) + 1).length;
  return check(
    wrong === 0 && tasks.length > 0,
    'No crash used up a retry, and no retry was made twice.',
    `${tasks.length} tasks with retries, ${wrong} miscounted`,
  );
}

/** The most spans [from, to) that have an instant in common. */
export function mostAtOnce(spans: readonly (readonly [number, number])[]): number {
  return Math.max(0, ...spans.map(([at]) => spans.filter(([from, to]) => from <= at && at < to).length));
}

/** The most instants in any window of this length. `sorted`: ascending. */
export function mostInWindow(sorted: readonly number[], windowMs: number): number {
  let most = 0;
  let from = 0;
  for (const [index, at] of sorted.entries()) {
    while ((sorted[from] ?? 0) <= at - windowMs) from++;
    most = Math.max(most, index - from + 1);
  }
  return most;
}

export function check(passed: boolean, text: string, detail: string): Check {
  return { passed, text, detail };
}

function namesOf({ tasks }: Facts, name: string): string[] {
  return [...tasks.values()].filter((task) => task.name === name).map(({ task_id }) => task_id);
}

function endOf({ finished_at }: Task): number {
  return finished_at === null ? Infinity : Date.parse(finished_at);
}

function describe(wrong: readonly Task[]): string {
  const kinds = [...Map.groupBy(wrong, ({ name, status }) => `${name} ${status}`)];
  return kinds.length === 0 ? 'none otherwise' : kinds.map(([kind, all]) => `${all.length} × ${kind}`).join(', ');
}
