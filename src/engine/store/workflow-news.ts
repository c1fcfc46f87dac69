// The tasks of a workflow that was changed as a whole, for who watches. One read beside a call that a human made, and no row
// of it while nobody watches.
import type { Engine, LiveEvent } from '../engine.ts';
import { read } from './commit.ts';

/** More than the feed tells in one message: then its clients load anew. */
const MAX_TASKS = 1000;

const MEMBERS = `
  SELECT id AS taskId, name, queue, state FROM tasks
  WHERE id IN (SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1 LIMIT ${MAX_TASKS})
    AND EXISTS (SELECT 1 FROM watchers WHERE until > ?2)`;

/** Its tasks as they are now, as news; none while nobody watches. */
export async function workflowNews(engine: Engine, workflowId: string): Promise<LiveEvent[]> {
  // Before the read: what changes meanwhile is later, and holds.
  const at = engine.clock.now();
  const statement = engine.db.prepare(MEMBERS).bind(workflowId, at);
  const rows = await read<Pick<LiveEvent, 'taskId' | 'name' | 'queue' | 'state'>>(engine, statement);
  return rows.map((row) => ({ ...row, progress: undefined, workflowId, at }));
}
