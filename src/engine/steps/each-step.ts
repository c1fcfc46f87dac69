// step.each: a loop over many items that keeps its place.
import { PermanentFailure } from '../control.ts';
import { describeError } from '../ending.ts';
import { type Asked, nextInvocation, type Parked, parkedForGood, type StepRun } from './step-run.ts';

const DEFAULT_EVERY = 100;
/** The place is recorded at least this often. */
const EVERY_MS = 1000;

export function eachStep<T>(
  run: StepRun,
  name: string,
  items: readonly T[],
  body: (item: T, index: number) => unknown,
  { every = DEFAULT_EVERY }: { every?: number } = {},
): Promise<number> {
  return run.during(async () => {
    if (!(Number.isInteger(every) && every >= 1))
      throw new PermanentFailure(`step "${name}": every must be a whole number from 1, not ${every}`, 'invalid_step');
    const asked = await run.ask(name, 'each');
    const done = asked.earlier && ((await run.history.resultOf(asked.earlier)) as Place).done;
    if (asked.earlier?.outcome === 'done') return done ?? items.length;
    if (run.isUndoing) return parkedForGood(name);
    return loop(run, asked, { items, body, every, from: done ?? 0 });
  });
}

/** What is recorded: how many items are done. */
interface Place {
  done: number;
}

interface Loop<T> {
  items: readonly T[];
  body(item: T, index: number): unknown;
  every: number;
  from: number;
}

async function loop<T>(run: StepRun, asked: Asked, { items, body, every, from }: Loop<T>): Promise<number | Parked> {
  const { clock } = run.engine;
  const startedAt = asked.earlier?.startedAt ?? clock.now();
  let recordedAt = clock.now();
  let recorded = from;
  const keepPlace = async (done: number) => {
    if (done === recorded) return;
    await run.record(asked, { outcome: 'open', startedAt, result: { json: JSON.stringify({ done }) }, tries: 1 });
    recordedAt = clock.now();
    recorded = done;
  };
  for (let index = from; index < items.length; index++) {
    if (!run.mayBegin) {
      await keepPlace(index);
      return nextInvocation(run);
    }
    try {
      await body(items[index] as T, index);
    } catch (error) {
      await keepPlace(index);
      run.fail(asked, { error: describeError(error, 'error'), startedAt, tries: 1 });
      throw error;
    }
    run.running.throwIfAborted();
    if (index + 1 - recorded >= every || clock.now() - recordedAt >= EVERY_MS) await keepPlace(index + 1);
  }
  const result = { json: JSON.stringify({ done: items.length }) };
  await run.record(asked, { outcome: 'done', startedAt, endedAt: clock.now(), result, tries: 1 });
  return items.length;
}
