// What people and other tasks do to tasks from outside: find, wait for, revoke, retry.
import { acceptAgain } from './accept.ts';
import { runChores } from './clean-up/clean-up.ts';
import { engineChores } from './clean-up/prune.ts';
import { announce, wakeTime } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { explainWait } from './explain-wait.ts';
import { latestReading, nextReading } from './followed.ts';
import type { TaskAccess } from './handler.ts';
import { releaseSlots } from './limits/admit.ts';
import type { QueueName } from './queues.ts';
import { backfill } from './schedule/backfill.ts';
import { isFinal } from './state.ts';
import { findStep } from './steps/manage-steps.ts';
import type { StepName } from './steps/step.ts';
import { getTask, getTaskWithWait } from './store/get-task.ts';
import { listTasks } from './store/list-tasks.ts';
import { retryTaskRows } from './store/retry-tasks.ts';
import { revokeTaskRows } from './store/revoke-tasks.ts';
import { summariseTag } from './store/summarise-tag.ts';
import { queriesSoFar } from './store/usage.ts';
import type { Task, Waiting } from './task.ts';
import { retryWorkflow } from './workflow/manage-workflows.ts';

/** Throws EngineError `task_not_found`. */
export async function findTask(engine: Engine, id: string): Promise<Task> {
  return (await getTask(engine, id)) ?? refuseUnknown(id);
}

/** The task and why it does not run yet; `waiting` is undefined if it runs or is final. Throws EngineError `task_not_found`. */
export async function findTaskWithWait(
  engine: Engine,
  id: string,
): Promise<{ task: Task; waiting: Waiting | undefined }> {
  const { task, facts } = (await getTaskWithWait(engine, id)) ?? refuseUnknown(id);
  const definition = engine.registry.get(task.name);
  return { task, waiting: facts && explainWait(task, facts, definition, engine.clock.now()) };
}

function refuseUnknown(id: string): never {
  throw new EngineError('task_not_found', `no task ${id}`);
}

const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 1000;
const GROWTH = 1.5;

/**
 * The task once it is final, or as it is after `seconds` or when `isOver` returns true.
 * Throws EngineError `task_not_found`.
 */
export async function waitForTask(
  engine: Engine,
  id: string,
  seconds: number,
  isOver: () => boolean = () => false,
): Promise<Task> {
  const { clock } = engine;
  const until = clock.now() + seconds * 1000;
  const task = await findTask(engine, id);
  if (isFinal(task.state) || clock.now() >= until) return task;
  let after = latestReading(engine);
  for (let pauseMs = FIRST_PAUSE_MS; clock.now() < until; pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * GROWTH)) {
    const reading = await nextReading(engine, id, { after, pauseMs: Math.min(pauseMs, until - clock.now()), isOver });
    if (!reading?.task || isFinal(reading.task.state)) break;
    after = reading.number;
  }
  return findTask(engine, id);
}

/**
 * A waiting task never starts; a running one has its signal aborted and its result discarded.
 * Throws EngineError `task_not_found`, `task_is_final`.
 */
export async function revokeTask(engine: Engine, id: string): Promise<Task> {
  const revoked = await revokeTasks(engine, [id]);
  const task = await findTask(engine, id);
  if (revoked === 0)
    throw new EngineError('task_is_final', `task ${id} is ${task.state}; only an unfinished task can be revoked`);
  return task;
}

/** Revokes those of the tasks that are not final. Returns how many that were. */
export async function revokeTasks(engine: Engine, ids: readonly string[]): Promise<number> {
  const error = { code: 'revoked', type: 'TaskRevokedError', message: 'revoked' };
  const { tasks, rings } = await revokeTaskRows(engine, ids, error);
  releaseSlots(engine, tasks);
  await announce(engine, rings);
  return tasks.length;
}

/** A retry by hand of tasks that ended at any time. */
const ANY_TIME = Number.MAX_SAFE_INTEGER;

/**
 * Runs a final task again, with the same input, under the same id, in `queue` if given. Its recorded steps are kept, but those that
 * failed, timed out or were undone; with `fromStep`, that step and those after it are forgotten too. A task of a workflow is retried with
 * its workflow: alone, it would release its dependants a second time.
 * Throws EngineError `task_not_found`, `task_not_final`, `task_in_workflow`, `step_not_found`.
 */
export async function retryTask(
  engine: Engine,
  id: string,
  { queue, fromStep }: { queue?: QueueName | undefined; fromStep?: StepName | undefined } = {},
): Promise<Task> {
  const fromPosition = fromStep && (await findStep(engine, id, fromStep)).position;
  const retried = await retryTasks(engine, [id], ANY_TIME, { queue, fromPosition });
  const task = await findTask(engine, id);
  if (retried > 0) return task;
  if (task.workflowId === undefined)
    throw new EngineError('task_not_final', `task ${id} is ${task.state}; only a final task can be retried`);
  const message = `task ${id} is a part of workflow ${task.workflowId}; retry the workflow`;
  throw new EngineError('task_in_workflow', message);
}

/** Runs those of the tasks again that ended before `endedBefore` (epoch milliseconds), except members of workflows. Returns how many that were. */
export async function retryTasks(
  engine: Engine,
  ids: readonly string[],
  endedBefore: number,
  how: { queue?: QueueName | undefined; fromPosition?: number | undefined } = {},
): Promise<number> {
  const now = engine.clock.now();
  const retried = await retryTaskRows(engine, ids, { endedBefore, wakeAt: wakeTime(engine, now, now), ...how });
  await acceptAgain(engine, retried);
  return retried.rings.length;
}

/** `ctx.tasks`. */
export function createTaskAccess(engine: Engine): TaskAccess {
  return {
    find: (id) => findTask(engine, id),
    list: (filter, page) => listTasks(engine, filter, page),
    revoke: (ids) => revokeTasks(engine, ids),
    retry: (ids, endedBefore) => retryTasks(engine, ids, endedBefore),
    retryWorkflow: (id, endedBefore) => retryIfFailed(engine, id, endedBefore),
    summariseTag: (tag, since, until) => summariseTag(engine, tag, since, until),
    cleanUp: (others, run) => runChores(engine, { ...engineChores(engine), ...others }, run),
    backfill: (schedule, range, report) => backfill(engine, schedule, range, report),
    definition: (name) => engine.registry.get(name),
    queriesSoFar: () => queriesSoFar(engine),
  };
}

async function retryIfFailed(engine: Engine, id: string, endedBefore: number): Promise<number> {
  try {
    return await retryWorkflow(engine, id, endedBefore);
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'store_unavailable') return 0;
    throw error;
  }
}
