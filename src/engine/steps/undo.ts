// Undoes the finished steps of a task that ends otherwise. The code runs once more: recorded steps return what they did, which
// makes their undos known, and no other step begins. Then the undos run, in reverse order, and each is recorded.
import { describeError, Lost, Suspended } from '../ending.ts';
import { persist } from '../persist.ts';
import { recordUndo } from '../store/record-undo.ts';
import type { TaskError } from '../task.ts';
import { labelOf } from './history.ts';
import { runBody } from './run-body.ts';
import type { RecordedStep, StepHow } from './step.ts';
import type { StepRun } from './step-run.ts';

const TRIES = 5;
const FIRST_PAUSE_MS = 10_000;

/** The undos that this attempt knows of. */
export class Undos {
  readonly #known = new Map<string, { options: StepHow; result: unknown }>();

  offer(step: RecordedStep, options: StepHow, result: unknown): void {
    if (options.undo) this.#known.set(labelOf(step), { options, result });
  }

  of(step: RecordedStep): { options: StepHow; result: unknown } | undefined {
    return this.#known.get(labelOf(step));
  }
}

const POLL_MS = 10;
/** How long the code may do other work beside a step that does not begin. */
const MAX_STILL_MS = 5000;

/**
 * Lets the code run until all undos are known, or it has ended, or it stands still. `replayed`: resolves when the code has ended;
 * must not reject.
 */
async function learnUndos(run: StepRun, undos: Undos, replayed: Promise<unknown>): Promise<void> {
  await run.history.load();
  const wanted = run.history.recorded.filter(({ undo }) => undo?.outcome === 'offered');
  let hasEnded = false;
  void replayed.then(() => {
    hasEnded = true;
  });
  let stillMs = 0;
  for (let calls: number | undefined; !hasEnded && stillMs < MAX_STILL_MS; stillMs += POLL_MS) {
    if (wanted.every((step) => undos.of(step))) return;
    await scheduler.wait(POLL_MS);
    if (run.stoodStillAt === undefined || run.stoodStillAt !== calls) stillMs = 0;
    calls = run.stoodStillAt;
  }
}

/**
 * Runs the undos that have not ended. Returns the error to end the task with when one of them failed for good; the others have
 * run all the same. Throws Suspended before the next try of one that failed, and Lost.
 */
export async function runUndos(run: StepRun, undos: Undos, replayed: Promise<unknown>): Promise<TaskError | undefined> {
  await learnUndos(run, undos, replayed);
  const offered = run.history.recorded.filter(({ undo }) => undo !== undefined).sort(latestFirst);
  const failed = offered.filter(({ undo }) => undo?.outcome === 'failed');
  for (const step of offered.filter(({ undo }) => undo?.outcome === 'offered')) {
    const error = await undoStep(run, undos, step);
    if (error) failed.push({ ...step, undo: { outcome: 'failed', tries: TRIES, error, at: undefined } });
  }
  if (failed.length === 0) return undefined;
  const reasons = failed.map((step) => `${labelOf(step)}: ${step.undo?.error?.message ?? ''}`);
  return { code: 'undo_failed', type: 'UndoFailed', message: `steps were not undone. ${reasons.join('; ')}` };
}

function latestFirst(one: RecordedStep, other: RecordedStep): number {
  return (other.endedAt ?? 0) - (one.endedAt ?? 0) || other.position - one.position;
}

/** The error after which it is tried no more; undefined: it is undone. */
async function undoStep(run: StepRun, undos: Undos, step: RecordedStep): Promise<TaskError | undefined> {
  const { clock } = run.engine;
  const tries = (step.undo?.tries ?? 0) + 1;
  const known = undos.of(step);
  let error: TaskError | undefined;
  if (known) {
    try {
      await runBody(
        run,
        step,
        known.options,
        (context) =>
          known.options.undo?.(known.result as never, { ...context, idempotencyKey: `${context.idempotencyKey}:undo` }),
        tries,
      );
    } catch (thrown) {
      if (thrown instanceof Lost) throw thrown;
      error = describeError(thrown, 'error');
    }
  } else {
    const message = 'the code no longer asks for this step, or gives it no undo';
    error = { code: 'undo_unknown', type: 'UndoUnknown', message };
  }
  const again = error !== undefined && known !== undefined && tries < TRIES;
  const outcome = error === undefined ? 'done' : again ? 'offered' : 'failed';
  const { id: taskId, fence } = run.running.task;
  const { name, occurrence } = step;
  const record = { taskId, fence, name, occurrence, outcome, error, tries, at: clock.now() } as const;
  const held = await persist(run.engine, 'recording an undo', () => recordUndo(run.engine, record));
  if (!held) throw new Lost('the task is no longer held');
  if (!again) return error;
  const until = clock.now() + FIRST_PAUSE_MS * 2 ** (tries - 1);
  throw new Suspended(
    until,
    { code: 'step', of: name, message: `the undo of step ${labelOf(step)} failed and is tried again` },
    [],
  );
}
