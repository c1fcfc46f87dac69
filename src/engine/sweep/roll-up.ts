// Chore: adds finished minutes to the totals, so that a scrape reads one row per definition and not one per minute.
import type { Engine } from '../engine.ts';
import { lastSweep } from '../store/sweep-record.ts';
import { rollUp } from '../store/task-stats.ts';

const INTERVAL_MS = 5 * 60_000;
/** Settling that is retried may still write into a finished minute. */
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
