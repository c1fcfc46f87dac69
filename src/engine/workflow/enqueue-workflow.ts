// Enqueues a workflow: plans the graph, then accepts its tasks and edges in one transaction.
import { type Acceptance, accept } from '../accept.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import type { WorkflowReceipt } from '../receipt.ts';
import { Batch } from '../store/batch.ts';
import { findKeys } from '../store/dedupe-keys.ts';
import { getTask } from '../store/get-task.ts';
import { getWorkflow } from '../store/get-workflow.ts';
import type { WorkflowNode } from './node.ts';
import {
  addWorkflows,
  MAX_WORKFLOW_TASKS,
  type PlannedWorkflow,
  pathOf,
  placeTasks,
  planWorkflow,
  type WorkflowOptions,
} from './plan-workflow.ts';

/**
 * Commits the whole workflow or nothing. Dedupe keys of its tasks are left out: a task that stands in for another would have
 * two places in the graph. Throws EngineError `invalid_input`, `invalid_options`, `too_many_tasks`, `input_too_large`,
 * `idempotency_conflict`, `backlog_full`, `store_unavailable`.
 */
export async function enqueueWorkflow(
  engine: Engine,
  root: WorkflowNode,
  options: WorkflowOptions = {},
): Promise<WorkflowReceipt> {
  const planned = await planWorkflow(engine, root, options);
  try {
    return await acceptWorkflow(engine, planned);
  } catch (error) {
    const isRepeat = error instanceof EngineError && error.code === 'idempotency_conflict';
    const before = isRepeat ? await findRepeated(engine, planned) : undefined;
    if (before) return before;
    throw error;
  }
}

async function acceptWorkflow(engine: Engine, planned: PlannedWorkflow): Promise<WorkflowReceipt> {
  let tasks: NewTask[] = [];
  const how: Acceptance = {
    path: pathOf(planned),
    change: (prepared) => {
      tasks = placeTasks(engine, prepared, planned);
      return tasks;
    },
    before: (batch) => addWorkflows(batch, engine, [{ planned, tasks }]),
  };
  await accept(engine, planned.requests, how);
  const taskIds = tasks.map(({ id }) => id);
  return {
    workflowId: planned.workflowId,
    resultTaskId: taskIds[planned.graph.result] ?? '',
    taskIds,
    duplicate: false,
  };
}

/** The workflow that holds the idempotency key, if it is the same one. */
async function findRepeated(engine: Engine, planned: PlannedWorkflow): Promise<WorkflowReceipt | undefined> {
  const { idempotencyKey = '', hash, callbackUrl, tags } = planned;
  const batch = new Batch(engine);
  const found = findKeys(batch, [`idempotency:${idempotencyKey}`]);
  await batch.commit({ repeatable: true });
  const [held] = found();
  if (!held?.input_hash.startsWith(`${hash} `)) return undefined;
  const task = await getTask(engine, held.task_id);
  const whole = task?.workflowId ? await getWorkflow(engine, task.workflowId, MAX_WORKFLOW_TASKS) : undefined;
  if (!whole) return undefined;
  const { id: workflowId, resultTaskId, createdAt: since, ...earlier } = whole.workflow;
  const callback = JSON.parse(held.callback ?? '{}') as { url?: string };
  const notTaken: NonNullable<WorkflowReceipt['notTaken']> = [];
  if (callbackUrl !== undefined && callbackUrl !== callback.url) notTaken.push('callbackUrl');
  if (tags.some((tag) => !earlier.tags.includes(tag))) notTaken.push('tags');
  return {
    workflowId,
    resultTaskId,
    taskIds: whole.tasks.map(({ id }) => id),
    duplicate: true,
    since,
    ...(notTaken.length > 0 && { notTaken }),
  };
}
