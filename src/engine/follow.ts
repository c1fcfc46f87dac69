// Follows one task and its steps until it is final. Changes that follow each other quickly are seen as one.
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { latestReading, nextReading } from './followed.ts';
import { isFinal } from './state.ts';
import { changedSteps, type StepNews, wokenBy } from './steps/step-news.ts';
import { getFollowed } from './store/get-task.ts';
import type { TaskSummary } from './task.ts';

/** D1 allows 1,000 queries an invocation. */
const MAX_READS = 900;
const FIRST_PAUSE_MS = 200;
/** The pause after a change; progress is written at most once a second. */
const NEXT_PAUSE_MS = 800;
const MAX_PAUSE_MS = 2000;
const GROWTH = 1.5;

/** A task and its steps, as far as they are recorded: the 1,000 that changed last. */
export interface Followed {
  task: TaskSummary;
  steps: StepNews[];
}

/** A reading that differs from the one before. */
export interface Change extends Followed {
  /** Those of the steps that are new, or not as they were. */
  changed: StepNews[];
}

export interface Following {
  /** Ends after this time even if the task is not final. */
  seconds: number;
  /** Yields undefined after this time without a change. */
  quietSeconds: number;
  /** Called about every half second. If it returns true, the client has gone: then D1 is read no more. */
  isOver(): boolean;
}

/** The task as it is, for `followTask`. Throws EngineError `task_not_found`, `store_unavailable`. */
export async function findFollowed(engine: Engine, id: string): Promise<Followed> {
  const found = (await getFollowed(engine, [{ id, withSteps: true }])).get(id);
  if (!found) throw new EngineError('task_not_found', `no task ${id}`);
  return { task: found.task, steps: stepsBy(found.steps ?? [], engine.clock.now()) };
}

/**
 * Yields the task, then the task after each change of it or of its steps, and undefined after each quiet time. Ends after the final
 * state, when the task is deleted, or when the time or the reads are used up. Throws EngineError `store_unavailable`.
 */
export async function* followTask(
  engine: Engine,
  { task, steps }: Followed,
  { seconds, quietSeconds, isOver }: Following,
): AsyncGenerator<Change | undefined, void> {
  const { clock } = engine;
  const until = clock.now() + seconds * 1000;
  let after = latestReading(engine);
  let seen = { print: printOf(task), steps };
  let pauseMs = FIRST_PAUSE_MS;
  let spokeAt = clock.now();
  yield { task, steps, changed: steps };
  if (isFinal(task.state)) return;
  for (let reads = 0; reads < MAX_READS && clock.now() < until; ) {
    const reading = await nextReading(engine, task.id, { after, pauseMs, isOver, withSteps: true });
    if (!reading?.task) return;
    after = reading.number;
    if (reading.own) reads++;
    const now = { print: printOf(reading.task), steps: stepsBy(reading.steps ?? seen.steps, clock.now()) };
    const changed = changedSteps(seen.steps, now.steps);
    const isNews = now.print !== seen.print || changed.length > 0;
    pauseMs = isNews ? NEXT_PAUSE_MS : Math.min(MAX_PAUSE_MS, pauseMs * GROWTH);
    if (isNews) {
      seen = now;
      spokeAt = clock.now();
      yield { task: reading.task, steps: now.steps, changed };
      if (isFinal(reading.task.state)) return;
    } else if (clock.now() - spokeAt >= quietSeconds * 1000) {
      spokeAt = clock.now();
      yield undefined;
    }
  }
}

function stepsBy(steps: readonly StepNews[], now: number): StepNews[] {
  return steps.map((step) => wokenBy(step, now));
}

/** Equal for two readings between which neither the state nor the progress changed. */
export function printOf({ state, attempts, crashes, dueAt, startedAt, finishedAt, progress }: TaskSummary): string {
  return JSON.stringify([state, attempts, crashes, dueAt, startedAt, finishedAt, progress]);
}
