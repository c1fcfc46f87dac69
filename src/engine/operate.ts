// What people do to tasks from outside: look, wait, revoke, retry.
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { settledHere } from './events.ts';
import { releaseSlots } from './limits/admit.ts';
import type { QueueName } from './queues.ts';
import { announce, wakeTime } from './ring.ts';
import { isFinal } from './state.ts';
import { getTask } from './store/get-task.ts';
import { retryTasks } from './store/retry-tasks.ts';
import { revokeTasks } from './store/revoke-tasks.ts';
import type { Task } from './store/rows.ts';

/** Throws EngineError `task_not_found`. */
export async function findTask(engine: Engine, id: string): Promise<Task> {
  const task = await getTask(engine, id);
  if (!task) throw new EngineError('task_not_found', `no task ${id}`);
  return task;
}

const FIRST_LOOK_MS = 100;
const MAX_LOOK_MS = 1000;

/** The task once it is final, or as it is after `seconds`. Throws EngineError `task_not_found`. */
export async function waitForTask(engine: Engine, id: string, seconds: number): Promise<Task> {
  const until = engine.clock.now() + seconds * 1000;
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(MAX_LOOK_MS, pause * 1.5)) {
    const task = await findTask(engine, id);
    const left = until - engine.clock.now();
    if (isFinal(task.state) || left <= 0) return task;
    await settledHere(id, Math.min(pause, left));
  }
}

/**
 * A queued task never starts, a running one has its signal aborted and its result discarded.
 * Throws EngineError `task_not_found`, `task_is_final`.
 */
export async function revoke(engine: Engine, id: string): Promise<Task> {
  const revoked = await revokeMany(engine, [id]);
  const task = await findTask(engine, id);
  if (revoked === 0)
    throw new EngineError('task_is_final', `task ${id} is ${task.state}; only an unfinished task can be revoked`);
  return task;
}

/** Revokes those of the tasks that are not final; how many that were. */
export async function revokeMany(engine: Engine, ids: readonly string[]): Promise<number> {
  const error = { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' };
  const revoked = await revokeTasks(engine, ids, error);
  releaseSlots(engine, revoked.tasks);
  await announce(engine, revoked.released);
  return revoked.tasks.length;
}

/**
 * Runs a final task again, with the same input, under the same id, in the lane `queue` if given. A task of a workflow is
 * retried with its workflow: alone, it would release what follows a second time.
 * Throws EngineError `task_not_found`, `task_not_final`, `task_in_workflow`.
 */
export async function retry(engine: Engine, id: string, queue?: QueueName): Promise<Task> {
  const retried = await retryMany(engine, [id], Number.MAX_SAFE_INTEGER, queue);
  const task = await findTask(engine, id);
  if (retried > 0) return task;
  if (task.workflowId === undefined)
    throw new EngineError('task_not_final', `task ${id} is ${task.state}; only a final task can be retried`);
  const message = `task ${id} is a part of workflow ${task.workflowId}; retry the workflow`;
  throw new EngineError('task_in_workflow', message);
}

/** Runs those of the tasks again that ended before `endedBefore` (epoch milliseconds), but none of workflows; how many that were. */
export async function retryMany(
  engine: Engine,
  ids: readonly string[],
  endedBefore: number,
  queue?: QueueName,
): Promise<number> {
  const now = engine.clock.now();
  const wakeAt = wakeTime(engine, now, now);
  const { tasks, resultKeys } = await retryTasks(engine, ids, { endedBefore, wakeAt, ...(queue && { queue }) });
  if (resultKeys.length > 0) await engine.payloads.delete(resultKeys);
  await announce(engine, tasks);
  return tasks.length;
}
