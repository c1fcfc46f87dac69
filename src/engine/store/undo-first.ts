// Tasks that are revoked, and have recorded steps with an undo: they become due at once, for their undos, and are REVOKED after that.
import { wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { Batch, Result } from './batch.ts';

/** Those that are to be undone. `ids`: a query; `condition`: AND and a condition, or nothing. */
const undoable = (ids: string, condition: string) =>
  `id IN (${ids}) AND has_undo = 1 AND finished_at IS NULL AND undoing IS NULL ${condition}`;

/** The attempt of a running one ends here: it can no longer be settled. */
const recordAttempts = (which: string) => `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, version)
  SELECT id, fence, 'REVOKED', started_at, ?2, ?3, version FROM tasks WHERE ${which} AND +state = 'STARTED'
  ON CONFLICT DO NOTHING`;

const makeDue = (which: string) => `
  UPDATE tasks SET state = CASE WHEN state = 'STARTED' THEN 'RETRY' ELSE state END, lease_id = NULL, due_at = ?2, wake_at = ?4,
    undoing = json_object('state', 'REVOKED', 'error', json(?3))
  WHERE ${which} RETURNING id, name, queue, due_at AS dueAt`;

/** Adds the statements. `ids`: a query with the parameter ?1, which is `set`. `error`: JSON. Returns the rings. */
export function undoFirst(
  batch: Batch,
  engine: Engine,
  { ids, condition = '', set, error }: { ids: string; condition?: string; set: string; error: string },
  now: number,
): Result<Ring> {
  const which = undoable(ids, condition);
  batch.add(recordAttempts(which), set, now, error);
  return batch.add<Ring>(makeDue(which), set, now, error, wakeTime(engine, now, now));
}
