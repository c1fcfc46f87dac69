// Follows one task until it is final and yields each change of its state or progress. Reads D1, with growing pauses; a task
// that ends in this isolate is seen at once. Changes that follow each other quickly are seen as one.
import type { Engine } from './engine.ts';
import { isFinal } from './state.ts';
import { getSummary } from './store/get-task.ts';
import type { TaskSummary } from './task.ts';
import { settledHere } from './updates.ts';

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
  /** True once the client has gone: then D1 is read no more. */
  isOver(): boolean;
}

/**
 * Yields the task, then the task after each change, and undefined after each quiet time. Ends after the final state, when
 * the task is deleted, or when the time or the reads are used up. Throws EngineError `store_unavailable`.
 */
export async function* followTask(
  engine: Engine,
  id: string,
  { seconds, quietSeconds, isOver }: Following,
): AsyncGenerator<TaskSummary | undefined, void> {
  const { clock } = engine;
  const until = clock.now() + seconds * 1000;
  let seen: string | undefined;
  let pause = FIRST_PAUSE_MS;
  let spokeAt = clock.now();
  for (let reads = 0; reads < MAX_READS && !isOver(); reads++) {
    const task = await getSummary(engine, id);
    if (!task) return;
    const version = versionOf(task);
    if (version !== seen) {
      pause = seen === undefined ? FIRST_PAUSE_MS : NEXT_PAUSE_MS;
      seen = version;
      spokeAt = clock.now();
      yield task;
      if (isFinal(task.state)) return;
    } else if (clock.now() - spokeAt >= quietSeconds * 1000) {
      spokeAt = clock.now();
      yield undefined;
    }
    if (clock.now() >= until) return;
    await settledHere(id, pause);
    pause = Math.min(MAX_PAUSE_MS, pause * GROWTH);
  }
}

/** Equal for two readings between which neither the state nor the progress changed. */
export function versionOf({ state, attempts, crashes, dueAt, startedAt, finishedAt, progress }: TaskSummary): string {
  return JSON.stringify([state, attempts, crashes, dueAt, startedAt, finishedAt, progress]);
}
