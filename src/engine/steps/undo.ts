// Undoes the finished steps of a task that ends otherwise. The code runs once more: recorded steps return what they did, which
// makes their undos known, and no other step begins. Then the undos run, in reverse order, and each is recorded.
import { describeError, Lost, Suspended } from '../ending.ts';
import { persist } from '../persist.ts';
import { recordUndo } from '../store/record-undo.ts';
import type { TaskError } from '../task.ts';
import { toMs } from './duration.ts';
import { labelOf } from './history.ts';
import { runBody, type StepBody } from './run-body.ts';
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

/** Why an undo that is to run is not known. */
interface Unknown {
  message: string;
  /** Another attempt would not make it known either. */
  isFinal: boolean;
}

const GONE: Unknown = { message: 'the code no longer asks for this step, or gives it no undo', isFinal: true };
const LATE: Unknown = {
  message: 'the code did not come to this step in half of the time of an attempt',
  isFinal: false,
};

const POLL_MS = 10;
/** How long the code may do other work beside a step that does not begin. */
const MAX_STILL_MS = 5000;

/**
 * Lets the code run until all undos are known, or it has ended, or it stands still, or half of the time of the attempt is over.
 * Returns why the others are unknown. `replayed`: resolves when the code has ended, with what it threw; must not reject.
 */
async function learnUndos(run: StepRun, undos: Undos, replayed: Promise<{ thrown?: unknown }>): Promise<Unknown> {
  await run.history.load();
  const wanted = run.history.recorded.filter(({ undo }) => undo?.outcome === 'offered');
  const maxMs = timeLeft(run) / 2;
  let ended: { thrown?: unknown } | undefined;
  void replayed.then((how) => {
    ended = how;
  });
  let stillMs = 0;
  let calls: number | undefined;
  for (let waitedMs = 0; !ended && stillMs < MAX_STILL_MS; waitedMs += POLL_MS, stillMs += POLL_MS) {
    if (wanted.every((step) => undos.of(step))) return GONE;
    if (waitedMs >= maxMs) return LATE;
    await scheduler.wait(POLL_MS);
    if (run.stoodStillAt === undefined || run.stoodStillAt !== calls) stillMs = 0;
    calls = run.stoodStillAt;
  }
  const thrown = ended?.thrown;
  if (thrown === undefined) return GONE;
  const { message } = describeError(thrown, 'error');
  return { message: `the code ended before this step: ${message}`, isFinal: false };
}

/** Milliseconds in which an undo must end, so that it can be recorded in this attempt. */
function timeLeft({ running, engine }: StepRun): number {
  const ms = running.deadline - engine.clock.now();
  return Math.max(1, ms - Math.min(MAX_RECORDING_MS, ms * RECORDING_SHARE));
}

const MAX_RECORDING_MS = 5000;
const RECORDING_SHARE = 0.1;

/**
 * Runs the undos that have not ended. Returns the error to end the task with when one of them failed for good; the others have
 * run all the same. Throws Suspended before the next try of one that failed, and when the next one needs another attempt; and Lost.
 */
export async function runUndos(
  run: StepRun,
  undos: Undos,
  replayed: Promise<{ thrown?: unknown }>,
): Promise<TaskError | undefined> {
  const unknown = await learnUndos(run, undos, replayed);
  const offered = run.history.recorded.filter(({ undo }) => undo !== undefined).sort(latestFirst);
  const failed = offered.filter(({ undo }) => undo?.outcome === 'failed');
  let ran = 0;
  for (const step of offered.filter(({ undo }) => undo?.outcome === 'offered')) {
    if (ran++ > 0 && !run.running.hasTimeLeft())
      throw suspended(run.engine.clock.now(), step, 'runs in another attempt');
    const error = await undoStep(run, step, undos.of(step) ?? unknown);
    if (error) failed.push({ ...step, undo: { outcome: 'failed', tries: TRIES, error, at: undefined } });
  }
  if (failed.length === 0) return undefined;
  const reasons = failed.map((step) => `${labelOf(step)}: ${step.undo?.error?.message ?? ''}`);
  return { code: 'undo_failed', type: 'UndoFailed', message: `steps were not undone. ${reasons.join('; ')}` };
}

function latestFirst(one: RecordedStep, other: RecordedStep): number {
  return (other.endedAt ?? 0) - (one.endedAt ?? 0) || other.position - one.position;
}

type Known = { options: StepHow; result: unknown };

/** The error after which it is tried no more; undefined: it is undone. */
async function undoStep(run: StepRun, step: RecordedStep, known: Known | Unknown): Promise<TaskError | undefined> {
  const { clock } = run.engine;
  const tries = (step.undo?.tries ?? 0) + 1;
  const error = 'message' in known ? unknownUndo(known) : await tryUndo(run, step, known, tries);
  const again = error !== undefined && tries < TRIES && !('message' in known && known.isFinal);
  const undo = error === undefined ? 'done' : again ? 'offered' : 'failed';
  const { id: taskId, fence, queue, workflowId } = run.running.task;
  const task = { taskId, name: run.running.task.name, queue, workflowId };
  const { name, occurrence, outcome } = step;
  const record = { task, fence, name, occurrence, outcome, undo, error, tries, at: clock.now() } as const;
  const held = await persist(run.engine, 'recording an undo', () => recordUndo(run.engine, record));
  if (!held) throw new Lost('the task is no longer held');
  if (!again) return error;
  throw suspended(clock.now() + FIRST_PAUSE_MS * 2 ** (tries - 1), step, 'failed and is tried again');
}

/** Runs the undo once. Returns what it threw, or that it took too long: one that hangs must not keep the others from running. */
async function tryUndo(
  run: StepRun,
  step: RecordedStep,
  { options, result }: Known,
  tries: number,
): Promise<TaskError | undefined> {
  const ms = timeLeft(run);
  const timeout = options.timeout === undefined ? ms : Math.min(ms, toMs(options.timeout));
  const body: StepBody = (context) =>
    options.undo?.(result as never, { ...context, idempotencyKey: `${context.idempotencyKey}:undo` });
  try {
    await runBody(run, step, { timeout }, body, tries);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof Lost) throw thrown;
    return describeError(thrown, 'error');
  }
}

function unknownUndo({ message }: Unknown): TaskError {
  return { code: 'undo_unknown', type: 'UndoUnknown', message };
}

function suspended(until: number, step: RecordedStep, what: string): Suspended {
  const message = `the undo of step ${labelOf(step)} ${what}`;
  return new Suspended(until, { code: 'step', of: step.name, message }, []);
}
