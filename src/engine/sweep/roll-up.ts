// Chore: add minutes that are over to the totals, so that a scrape reads one row a definition and not one a minute.
import type { Engine } from '../engine.ts';
import { lastSweep } from '../store/sweep-record.ts';
import { rollUp } from '../store/task-stats.ts';

const INTERVAL_MS = 5 * 60_000;
/** A settling that was tried for long may still write into a minute that is over. */
const MARGIN_MS = 5 * 60_000;

/** Minutes rolled up. */
export async function rollUpStats(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  const minute = now - MARGIN_MS - ((now - MARGIN_MS) % 60_000);
  const last = (await lastSweep(engine, 'rollup')) ?? 0;
  if (minute - last < INTERVAL_MS) return 0;
  await rollUp(engine, minute);
  return last === 0 ? 0 : (minute - last) / 60_000;
}
