// Follows one task until it is final. Changes that follow each other quickly are seen as one.
import type { Engine } from './engine.ts';
import { latestReading, nextReading } from './followed.ts';
import { isFinal } from './state.ts';
import type { TaskSummary } from './task.ts';

/** D1 allows 1,000 queries an invocation. */
const MAX_READS = 900;
const FIRST_PAUSE_MS = 200;
/** The pause after a change; progress is written at most once a second. */
const NEXT_PAUSE_MS = 800;
const MAX_PAUSE_MS = 2000;
const GROWTH = 1.5;

export interface Following {
  /** Ends after this time even if the task is not final. */
  seconds: number;
  /** Yields undefined after this time without a change. */
  quietSeconds: number;
  /** Called about every half second. If it returns true, the client has gone: then D1 is read no more. */
  isOver(): boolean;
}

/**
 * Yields the task, then the task after each change, and undefined after each quiet time. Ends after the final state, when
 * the task is deleted, or when the time or the reads are used up. Throws EngineError `store_unavailable`.
 */
export async function* followTask(
  engine: Engine,
  task: TaskSummary,
  { seconds, quietSeconds, isOver }: Following,
): AsyncGenerator<TaskSummary | undefined, void> {
  const { clock } = engine;
  const until = clock.now() + seconds * 1000;
  let after = latestReading(engine);
  let seen = versionOf(task);
  let pauseMs = FIRST_PAUSE_MS;
  let spokeAt = clock.now();
  yield task;
  if (isFinal(task.state)) return;
  for (let reads = 0; reads < MAX_READS && clock.now() < until; ) {
    const reading = await nextReading(engine, task.id, { after, pauseMs, isOver });
    if (!reading?.task) return;
    after = reading.number;
    if (reading.own) reads++;
    const version = versionOf(reading.task);
    pauseMs = version === seen ? Math.min(MAX_PAUSE_MS, pauseMs * GROWTH) : NEXT_PAUSE_MS;
    if (version !== seen) {
      seen = version;
      spokeAt = clock.now();
      yield reading.task;
      if (isFinal(reading.task.state)) return;
    } else if (clock.now() - spokeAt >= quietSeconds * 1000) {
      spokeAt = clock.now();
      yield undefined;
    }
  }
}

/** Equal for two readings between which neither the state nor the progress changed. */
export function versionOf({ state, attempts, crashes, dueAt, startedAt, finishedAt, progress }: TaskSummary): string {
  return JSON.stringify([state, attempts, crashes, dueAt, startedAt, finishedAt, progress]);
}
