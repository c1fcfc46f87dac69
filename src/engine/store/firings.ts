// The times at which schedules have fired: written with what they enqueued, read by backfills.
import type { Engine } from '../engine.ts';
import { type Batch, read } from './batch.ts';
import { jsonSets } from './json-sets.ts';

export interface FiringTime {
  schedule: string;
  /** Epoch milliseconds. */
  at: number;
}

const RECORD = `
  INSERT INTO firings (schedule, at) SELECT value ->> 0, value ->> 1 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

/** Must be added to the batch that enqueues what the times have fired. */
export function recordFirings(batch: Batch, times: readonly FiringTime[]): void {
  for (const { json } of jsonSets(times.map(({ schedule, at }) => JSON.stringify([schedule, at]))))
    batch.add(RECORD, json);
}

const FIRED = `
  SELECT at FROM json_each(?2) AS wanted CROSS JOIN firings ON schedule = ?1 AND at = wanted.value`;

/** Those of the times at which the schedule has fired. */
export async function findFirings(engine: Engine, schedule: string, times: readonly number[]): Promise<Set<number>> {
  const rows = await read<{ at: number }>(engine, FIRED, schedule, JSON.stringify(times));
  return new Set(rows.map(({ at }) => at));
}

/** Deletes up to ?2 rows from before ?1. Looks at the first row of each schedule, because no index has the times alone. */
export const PRUNE_FIRINGS = `
  WITH RECURSIVE names (name) AS (
    SELECT min(schedule) FROM firings
    UNION ALL
    SELECT (SELECT min(schedule) FROM firings WHERE schedule > names.name) FROM names WHERE names.name IS NOT NULL
  )
  DELETE FROM firings WHERE (schedule, at) IN (
    SELECT schedule, at FROM names CROSS JOIN firings ON schedule = names.name AND at < ?1 LIMIT ?2)`;
