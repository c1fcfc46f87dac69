// The retry by hand: final tasks run again with the same input under the same ids. Their history is kept.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import type { Ring } from '../ring.ts';
import type { TaskUpdate } from '../task.ts';
import { Batch } from './batch.ts';
import { forgetFailedSteps, keepLatestAttempts, RESET_COLUMNS, resultPayloads } from './task-belongings.ts';

/** Of the tasks ?1, those that may run again. A task of a workflow runs again with its workflow only. */
const RETRIED = `
  id IN (SELECT value FROM json_each(?1)) AND finished_at IS NOT NULL AND finished_at < ?2 AND workflow_id IS NULL`;

const RETRY = `
  UPDATE tasks SET state = 'PENDING', ${RESET_COLUMNS}, due_at = ?3, wake_at = ?4, queue = coalesce(?5, queue)
  WHERE ${RETRIED} RETURNING id, name, queue, due_at AS dueAt`;

const FORGET_STEPS = `DELETE FROM task_steps WHERE position >= ?3 AND task_id IN (SELECT tasks.id FROM tasks WHERE ${RETRIED})`;

export interface Retried {
  rings: Ring[];
  /** Payload keys that no task names any more. */
  payloadKeys: string[];
}

export interface RetryWish {
  /** Only tasks that ended before then, epoch milliseconds. */
  endedBefore: number;
  wakeAt: number;
  /** They go into this queue; undefined: into the one they were in. */
  queue?: QueueName | undefined;
  /** Also forgets the steps from this position on. */
  fromPosition?: number | undefined;
}

/** Makes the tasks PENDING again. Tasks that are not final, or members of a workflow, stay as they are. */
export async function retryTaskRows(
  engine: Engine,
  ids: readonly string[],
  { endedBefore, wakeAt, queue, fromPosition }: RetryWish,
): Promise<Retried> {
  const batch = new Batch(engine);
  const set = JSON.stringify(ids);
  const now = engine.clock.now();
  batch.add(keepLatestAttempts(`FROM tasks WHERE ${RETRIED}`), set, endedBefore);
  batch.add(forgetFailedSteps(`FROM tasks WHERE ${RETRIED}`), set, endedBefore);
  if (fromPosition !== undefined) batch.add(FORGET_STEPS, set, endedBefore, fromPosition);
  const payloads = batch.add<{ payloadKey: string }>(resultPayloads(`FROM tasks WHERE ${RETRIED}`), set, endedBefore);
  const retried = batch.add<Ring>(RETRY, set, endedBefore, now, wakeAt, queue ?? null);
  await batch.commit({ repeatable: false, updates: () => retried.rows.map((task) => toUpdate(task, now)) });
  return { rings: retried.rows, payloadKeys: payloads.rows.map(({ payloadKey }) => payloadKey) };
}

function toUpdate({ id, name, queue }: Ring, at: number): TaskUpdate {
  return { taskId: id, name, queue, state: 'PENDING', progress: undefined, workflowId: undefined, at };
}
