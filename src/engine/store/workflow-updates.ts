// The tasks of a workflow that was changed as a whole, as updates. One read beside a call that a person made; it reads no row
// of the workflow while no client watches.
import type { Engine } from '../engine.ts';
import type { TaskUpdate } from '../task.ts';
import { read } from './batch.ts';

/** More than the live feed sends in one message: its clients then load the page anew. */
const MAX_TASKS = 1000;

const MEMBERS = `
  SELECT id AS taskId, name, queue, state FROM tasks
  WHERE id IN (SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1 LIMIT ${MAX_TASKS})
    AND EXISTS (SELECT 1 FROM watchers WHERE until > ?2)`;

/** Its tasks as they are now; none while no client watches. */
export async function workflowUpdates(engine: Engine, workflowId: string): Promise<TaskUpdate[]> {
  // Taken before the read: a change in between has a later time and is not overwritten.
  const at = engine.clock.now();
  type Row = Pick<TaskUpdate, 'taskId' | 'name' | 'queue' | 'state'>;
  const rows = await read<Row>(engine, MEMBERS, workflowId, at);
  return rows.map((row) => ({ ...row, progress: undefined, workflowId, at }));
}
