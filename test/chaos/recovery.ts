// How long each task waits after a restart. Pure.
//
// The rule: a task counts for a kill if it was accepted before the kill and was open when the server answered again. It has
// recovered when an attempt of it has started after the kill. The wait is counted from the instant at which it could start:
//
// - the instant at which GET /healthz answered 200, at the earliest;
// - its ETA, or the time of its next retry, as the API shows it right after the restart, if that is later;
// - the end of its last parent, if it waits for parents;
// - if its definition has a rate limit: n times the distance of two starts, for the n-th task to start;
// - if its definition has a concurrency limit of L: the (n - L)-th end of tasks with its concurrency key, for the n-th to start.
//
// A task that did not start before the next kill has failed if it had the time of the bar to do so. Otherwise it counts for the next
// kill only. The time until a dead invocation's lease runs out is never taken off: it is part of the recovery.

/** Instants are epoch milliseconds. */
export interface Restart {
  /** The seconds that a task may take to start. */
  barSeconds: number;
  killedAt: number;
  /** When GET /healthz answered 200. */
  answeredAt: number;
  /** When the next kill was, or the end of the test. */
  endedAt: number;
}

/** A task that was open when the server answered again. */
export interface OpenTask {
  id: string;
  name: string;
  createdAt: number;
  /** Its ETA or the time of its next retry, as the API showed it right after the restart. */
  dueAt: number | undefined;
  /** When its parents ended; empty: it waits for none. */
  parentsEndedAt: readonly number[];
  /** When its attempts started, and when it ended; undefined: not. */
  startedAt: readonly number[];
  finishedAt: number | undefined;
  /** Tasks of the same line wait for each other by design; undefined: it waits for none. */
  line: { name: string; limit: { places: number } | { spacingMs: number } } | undefined;
}

export interface Wait {
  id: string;
  name: string;
  /** Infinity: it had the time of the bar to start before the next kill, and did not. */
  seconds: number;
}

/** The wait of each task that started before the next kill or should have. */
export function waitsAfter(restart: Restart, tasks: readonly OpenTask[]): Wait[] {
  const accepted = tasks.filter(({ createdAt }) => createdAt <= restart.killedAt);
  const lines = Map.groupBy(accepted, ({ id, line }) => line?.name ?? id);
  return [...lines.values()].flatMap((line) => waitsOfLine(restart, line));
}

function waitsOfLine(restart: Restart, tasks: readonly OpenTask[]): Wait[] {
  const inOrder = tasks
    .map((task) => ({ ...task, at: firstAfter(restart, task.startedAt) }))
    .sort((a, b) => a.at - b.at);
  const ends = tasks.map(({ finishedAt }) => finishedAt ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  return inOrder.flatMap(({ at, ...task }, place) => {
    const couldStartAt = Math.max(couldStart(restart, task), restart.answeredAt + turnOf(task, place, ends, restart));
    if (at === Number.POSITIVE_INFINITY && couldStartAt + restart.barSeconds * 1000 > restart.endedAt) return [];
    return [{ id: task.id, name: task.name, seconds: Math.max(0, at - couldStartAt) / 1000 }];
  });
}

function firstAfter({ killedAt, endedAt }: Restart, startedAt: readonly number[]): number {
  const later = startedAt.filter((at) => at > killedAt && at <= endedAt);
  return later.length > 0 ? Math.min(...later) : Number.POSITIVE_INFINITY;
}

function couldStart({ answeredAt }: Restart, { dueAt, parentsEndedAt, line }: OpenTask): number {
  // A rate limit writes its own times into the task: they must not excuse a task that starts after its turn.
  const due = line && 'spacingMs' in line.limit ? 0 : (dueAt ?? 0);
  return Math.max(answeredAt, due, ...parentsEndedAt);
}

/** Milliseconds after the restart until it is the turn of the task at this place of its line. */
function turnOf({ line }: OpenTask, place: number, ends: readonly number[], { answeredAt }: Restart): number {
  if (!line) return 0;
  if ('spacingMs' in line.limit) return place * line.limit.spacingMs;
  const { places } = line.limit;
  return place < places ? 0 : Math.max(0, (ends[place - places] ?? 0) - answeredAt);
}

/** The value below which `share` (0 to 1) of the waits are; 0 without any. */
export function quantile(waits: readonly Wait[], share: number): number {
  const sorted = waits.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
