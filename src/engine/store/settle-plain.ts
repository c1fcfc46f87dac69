// Settles tasks that succeeded with nothing to write but their result: nearly all of a bulk. The same as the general statement in
// settle-tasks.ts, without the many columns that this one would look up for each task only to leave them as they are.
import type { Settlement } from '../settlement.ts';
import type { Batch } from './batch.ts';
import { jsonSets } from './json-sets.ts';

const SETTLE = `
  UPDATE tasks SET state = 'SUCCESS', lease_id = NULL, result = s.value ->> 3, result_key = NULL, error = NULL, undoing = NULL,
    finished_at = started_at + (s.value ->> 2), keeps_place = 0, batch = s.value ->> 4
  FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

/** True if the row of the task needs only its result, or no result at all. */
export function isPlain({ state, result, progress, slot }: Settlement): boolean {
  return state === 'SUCCESS' && !(result && 'key' in result) && !progress && slot === undefined;
}

/** Adds the settling of plain successes. The batch is aborted if one of them is no longer held. */
export function settlePlain(batch: Batch, settlements: readonly Settlement[]): void {
  for (const { json, size } of jsonSets(settlements.map(toRow))) {
    batch.add(SETTLE, json);
    batch.expectChanges(size);
  }
}

/** Written out: an id needs no escapes. */
function toRow({ id, fence, startedAt, finishedAt, result, batch }: Settlement): string {
  const text = result && 'json' in result ? JSON.stringify(result.json) : 'null';
  const ran = batch ? `,${JSON.stringify(JSON.stringify(batch))}` : '';
  return `["${id}",${fence},${finishedAt - startedAt},${text}${ran}]`;
}
