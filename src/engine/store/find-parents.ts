// How the parents of a task ended, in the order of their positions: read once, when the task runs.
import type { Engine } from '../engine.ts';
import type { RunsOn } from '../new-task.ts';
import { checkOut } from '../payloads.ts';
import type { TaskError } from '../task.ts';
import type { ParentOutcome } from '../workflow/receive.ts';
import { read } from './batch.ts';
import { toPayload } from './rows.ts';

const PARENTS = `
  SELECT tasks.id, result, result_key, error, state = 'REVOKED' AND error ->> 'code' = 'not_needed' AS notNeeded,
    runs_on AS runsOn, label
  FROM edges JOIN tasks ON tasks.id = edges.parent_id
  WHERE edges.child_id = ?1 AND edges.position >= ?2 ORDER BY edges.position LIMIT ?3`;

/** D1 answers with at most some megabytes; a row's result has at most 32 KiB. */
const PORTION = 1000;

interface ParentRow {
  id: string;
  result: string | null;
  result_key: string | null;
  error: string | null;
  notNeeded: number | null;
  runsOn: RunsOn;
  label: string | null;
}

export async function findParents(engine: Engine, taskId: string): Promise<ParentOutcome[]> {
  const parents: ParentOutcome[] = [];
  for (let from = 0; ; from += PORTION) {
    const rows = await read<ParentRow>(engine, PARENTS, taskId, from, PORTION);
    for (const row of rows) parents.push(await toOutcome(engine, row));
    if (rows.length < PORTION) return parents;
  }
}

async function toOutcome(engine: Engine, row: ParentRow): Promise<ParentOutcome> {
  const payload = toPayload(row.result, row.result_key);
  return {
    taskId: row.id,
    result: payload ? JSON.parse(await checkOut(engine, payload)) : null,
    error: row.error === null ? undefined : (JSON.parse(row.error) as TaskError),
    wasNeeded: row.notNeeded !== 1,
    runsOn: row.runsOn,
    label: row.label,
  };
}
