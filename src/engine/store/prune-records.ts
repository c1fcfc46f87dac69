// Deletes rows that are not about one task and have had their time: dedupe keys, firings, batches, counters, failures, circuits.
import type { Engine } from '../engine.ts';
import { Batch } from './batch.ts';
import { PRUNE_FIRINGS } from './firings.ts';
import { LOOK_AT_BATCHES, PRUNE_BATCHES } from './task-batches.ts';

/** Each deletes up to ?2 rows from before ?1. */
const COUNTERS = [
  'DELETE FROM task_stats WHERE (minute, name, queue) IN (SELECT minute, name, queue FROM task_stats WHERE minute < ?1 LIMIT ?2)',
  `DELETE FROM task_periods WHERE (seconds, start, name, queue) IN (
     SELECT seconds, start, name, queue FROM task_periods WHERE start < ?1 LIMIT ?2)`,
  `DELETE FROM failure_stats WHERE (name, queue, exception) IN (
     SELECT name, queue, exception FROM failure_stats WHERE last_at < ?1 LIMIT ?2)`,
  'DELETE FROM circuits WHERE name IN (SELECT name FROM circuits WHERE failed_at < ?1 LIMIT ?2)',
];

const EXPIRED_KEYS = 'DELETE FROM task_keys WHERE key IN (SELECT key FROM task_keys WHERE expires_at <= ?1 LIMIT ?2)';

export interface RecordCutoffs {
  /** Dedupe keys whose window had passed by then. All instants: epoch milliseconds. */
  keys: number;
  /** Counters, failures and circuits from before. */
  counters: number;
  /** Firings from before. */
  firings: number;
  /** Batches with smaller ids of which no task is left. */
  batchId: string;
}

/** A row of a batch. */
export interface BatchPart {
  id: string;
  part: number;
}

/**
 * Deletes up to `limit` rows of each table, and looks at `limit` rows of batches after `after`. `next`: the row of a batch after
 * which to go on; undefined: nothing is left to delete.
 */
export async function pruneRecords(
  engine: Engine,
  { keys, counters, firings, batchId }: RecordCutoffs,
  after: BatchPart,
  limit: number,
): Promise<{ deleted: number; next: BatchPart | undefined }> {
  const batch = new Batch(engine);
  const deletions = [
    batch.add(EXPIRED_KEYS, keys, limit),
    batch.add(PRUNE_FIRINGS, firings, limit),
    ...COUNTERS.map((sql) => batch.add(sql, counters, limit)),
  ];
  const range = [after.id, after.part, batchId, limit];
  const looked = batch.add<BatchPart>(LOOK_AT_BATCHES, ...range);
  const batches = batch.add(PRUNE_BATCHES, ...range);
  await batch.commit({ repeatable: true });
  const isDone = looked.rows.length < limit && deletions.every(({ changes }) => changes < limit);
  const deleted = [...deletions, batches].reduce((sum, { changes }) => sum + changes, 0);
  return { deleted, next: isDone ? undefined : (looked.rows.at(-1) ?? after) };
}
