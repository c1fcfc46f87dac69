// The clean-up: runs chores that delete what is older than its retention. Each chore goes through its rows or files in passes, a
// portion at a time, and D1 keeps how far it has come: a pass goes on in the next invocation, after a crash, and after a deploy.
import type { Engine } from '../engine.ts';
import { beginPass, readCleanUps, savePass } from '../store/clean-ups.ts';
import { queriesSoFar } from '../store/usage.ts';
import type { Chore, CleanUpReport, CleanUpRun } from './chore.ts';

/**
 * D1 and R2 together allow 1,000 calls in one invocation. `queriesSoFar` counts the engine's statements; a portion has up to
 * three calls beside them.
 */
const MAX_QUERIES = 400;
const MAX_PORTIONS = 150;

/**
 * Runs the chores whose pass is due, those first whose last pass is the oldest. A chore that fails does not stop the others; at the
 * end its error is thrown.
 */
export async function runChores(
  engine: Engine,
  chores: Record<string, Chore>,
  run: CleanUpRun,
  limits = { queries: MAX_QUERIES, portions: MAX_PORTIONS },
): Promise<CleanUpReport> {
  const until = queriesSoFar(engine) + limits.queries;
  let portions = 0;
  const mayGoOn = () => portions++ < limits.portions && queriesSoFar(engine) < until;
  const due = await findDue(engine, chores);
  const errors: unknown[] = [];
  let done = true;
  for (const [index, { name, chore }] of due.entries()) {
    const report = (deleted: number) =>
      run.progress(Math.floor((index / due.length) * 100), `${name}: ${deleted} deleted`);
    try {
      done = await runPass(engine, name, chore, { signal: run.signal, report, mayGoOn });
      if (!done) break;
    } catch (error) {
      run.signal.throwIfAborted();
      engine.logger.error('chore failed', { chore: name, error });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
  const deleted = Object.fromEntries((await readCleanUps(engine)).map((record) => [record.chore, record.deleted]));
  return { deleted, done: done && (await findDue(engine, chores)).length === 0 };
}

async function findDue(engine: Engine, chores: Record<string, Chore>): Promise<{ name: string; chore: Chore }[]> {
  const now = engine.clock.now();
  const last = new Map((await readCleanUps(engine)).map(({ chore, doneAsOf }) => [chore, doneAsOf ?? 0]));
  return Object.entries(chores)
    .map(([name, chore]) => ({ name, chore, last: last.get(name) ?? 0 }))
    .filter(({ chore, last }) => now - last >= chore.everySeconds * 1000)
    .sort((one, other) => one.last - other.last);
}

interface PassRun {
  signal: AbortSignal;
  report(deleted: number): void;
  mayGoOn(): boolean;
}

/** Runs one pass. Returns false when it is to go on in another invocation. */
async function runPass(
  engine: Engine,
  name: string,
  chore: Chore,
  { signal, report, mayGoOn }: PassRun,
): Promise<boolean> {
  let { asOf, cursor, deleted } = await beginPass(engine, name);
  while (mayGoOn()) {
    signal.throwIfAborted();
    const portion = await chore.next(asOf, cursor ?? undefined);
    deleted += portion.deleted;
    cursor = portion.cursor ?? null;
    await savePass(engine, name, { asOf, cursor, deleted });
    report(deleted);
    if (cursor === null) return true;
  }
  return false;
}
