// Which task holds an idempotency key, and what it was given.
import type { Engine } from './engine.ts';
import { checkOut } from './payloads.ts';
import { Batch } from './store/batch.ts';
import { findKeys } from './store/dedupe-keys.ts';
import { getTask } from './store/get-task.ts';

export interface KeyHolder {
  taskId: string;
  input: unknown;
}

/** The task that holds the idempotency key; of a workflow, the task whose result is the workflow's. undefined: none is left. */
export async function findKeyHolder(engine: Engine, idempotencyKey: string): Promise<KeyHolder | undefined> {
  const batch = new Batch(engine);
  const found = findKeys(batch, [`idempotency:${idempotencyKey}`]);
  await batch.commit({ repeatable: true });
  const [held] = found();
  const task = held && (await getTask(engine, held.task_id));
  return task && { taskId: task.id, input: JSON.parse(await checkOut(engine, task.input)) as unknown };
}
