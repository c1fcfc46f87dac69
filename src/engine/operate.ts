// What people do to a single task from outside: look, wait, revoke, retry.
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { settledHere } from './events.ts';
import { announce, wakeTime } from './ring.ts';
import { isFinal } from './state.ts';
import { getTask } from './store/get-task.ts';
import { retryTask } from './store/retry-task.ts';
import { revokeTask } from './store/revoke-task.ts';
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
  const revoked = await revokeTask(engine, id, { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' });
  if (revoked) {
    await announce(engine, revoked.released);
    return revoked.task;
  }
  const task = await findTask(engine, id);
  throw new EngineError('task_is_final', `task ${id} is ${task.state}; only an unfinished task can be revoked`);
}

/**
 * Runs a final task again, with the same input, under the same id. A task of a workflow is retried with its workflow: alone,
 * it would release what follows a second time. Throws EngineError `task_not_found`, `task_not_final`, `task_in_workflow`.
 */
export async function retry(engine: Engine, id: string): Promise<Task> {
  const now = engine.clock.now();
  const before = await findTask(engine, id);
  if (before.workflowId !== undefined) {
    const message = `task ${id} is a part of workflow ${before.workflowId}; retry the workflow`;
    throw new EngineError('task_in_workflow', message);
  }
  const task = await retryTask(engine, id, wakeTime(engine, now, now));
  if (!task) throw new EngineError('task_not_final', `task ${id} is ${before.state}; only a final task can be retried`);
  if (before.result && 'key' in before.result) await engine.payloads.delete([before.result.key]);
  await announce(engine, [task]);
  return task;
}
