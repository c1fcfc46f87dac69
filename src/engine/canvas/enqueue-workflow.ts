// Enqueues a workflow: plan the graph, validate every task, commit tasks and edges together, ring for those without parents.
import { v7 as uuidv7 } from 'uuid';
import type { Engine } from '../engine.ts';
import { insert } from '../enqueue.ts';
import { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError, issuesOf } from '../errors.ts';
import { hashInput, idempotencyKeyOf } from '../keys.ts';
import { refuseBacklog } from '../limits/backlog.ts';
import { prepareTasks, type Request } from '../prepare-tasks.ts';
import { announce } from '../ring.ts';
import { read } from '../store/commit.ts';
import { getTask } from '../store/get-task.ts';
import { getWorkflow } from '../store/get-workflow.ts';
import { insertWorkflow } from '../store/insert-workflow.ts';
import { findKeys, type HeldKey, type NewKey } from '../store/task-keys.ts';
import { planGraph } from './graph.ts';
import { type CanvasNode, GATHER } from './node.ts';

export interface WorkflowReceipt {
  workflowId: string;
  /** The task whose result is the workflow's. */
  resultTaskId: string;
  /** In the order of the description, the tasks that gather groups among them. */
  taskIds: string[];
  /** An earlier workflow with the same idempotency key stands in for this one. */
  duplicate: boolean;
}

export interface WorkflowOptions {
  /** Runs once, after the workflow failed, with `{ task_id, error }`. */
  onError?: CanvasNode | undefined;
  /** The same key with the same workflow within 24 hours gives the same workflow; with another one it is refused. */
  idempotencyKey?: string | undefined;
  /** Told of the workflow's end: of its result task's. */
  callbackUrl?: string | undefined;
}

/** Ten thousand, and the one that gathers them. */
export const MAX_WORKFLOW_TASKS = 10_001;

/** The refusal of a workflow whose task at `path` is one too many. */
export function tooManyTasks(path: string): EngineError {
  const message = 'at most 10,000 tasks in one workflow, and one that gathers them';
  return new EngineError('too_many_tasks', message, [{ path, message }]);
}

/**
 * Commits the whole workflow or nothing. Idempotency and unique keys of its tasks are left out: a task that stands for
 * another would have two places in the graph. Throws EngineError `invalid_input`, `invalid_options`, `too_many_tasks`,
 * `input_too_large`, `idempotency_conflict`, `backlog_full`, `store_unavailable`.
 */
export async function enqueueWorkflow(
  engine: Engine,
  root: CanvasNode,
  { onError, idempotencyKey, callbackUrl }: WorkflowOptions = {},
): Promise<WorkflowReceipt> {
  const gather = engine.registry.get(GATHER);
  if (!gather) throw new Error(`the registry does not know ${GATHER}`);
  const own = EnqueueOptions.safeParse({ idempotencyKey, callbackUrl });
  if (!own.success) throw new EngineError('invalid_options', 'the options are not valid', issuesOf(own.error));
  const graph = planGraph(gather, root, onError);
  const gathers = graph.tasks.some(({ receives }) => receives === 'results');
  const excess = graph.tasks[gathers ? MAX_WORKFLOW_TASKS : MAX_WORKFLOW_TASKS - 1];
  if (excess) throw tooManyTasks(excess.path);
  const requests = graph.tasks.map(({ node: { definition, bound, options }, receives }) => ({
    definition,
    input: bound,
    options,
    partial: receives !== undefined,
  }));
  const prepared = await prepareTasks(engine, requests, (index) => graph.tasks[index]?.path ?? '');
  await refuseBacklog(engine, prepared);
  const workflowId = uuidv7();
  const tasks = prepared.map((task, index) => ({
    ...task,
    keys: [] as NewKey[],
    place: {
      workflowId,
      openParents: graph.tasks[index]?.openParents ?? 0,
      receives: graph.tasks[index]?.receives,
    },
  }));
  const idOf = (index: number) => tasks[index]?.id ?? '';
  const edges = graph.edges.map((edge) => ({ ...edge, parentId: idOf(edge.parent), childId: idOf(edge.child) }));
  const taskIds = tasks.map(({ id }) => id);
  const workflow = { id: workflowId, resultTaskId: idOf(graph.result), taskIds, createdAt: engine.clock.now() };
  const hash = idempotencyKey === undefined ? '' : await hashInput('workflow', [requests.map(describe), graph.edges]);
  if (idempotencyKey !== undefined) {
    // With the task's id in it no other holder's is the same, so that a repeat aborts as a whole.
    const key = idempotencyKeyOf(idempotencyKey, `${hash} ${workflow.resultTaskId}`, engine.clock.now());
    tasks[graph.result]?.keys.push(key);
  }
  const resultTask = tasks[graph.result];
  if (resultTask && callbackUrl !== undefined)
    resultTask.callback = JSON.stringify({ url: callbackUrl, workflow_id: workflowId });
  try {
    await insert(engine, tasks, { alongside: insertWorkflow(engine, workflow, edges) });
  } catch (error) {
    const isRepeat = error instanceof EngineError && error.code === 'idempotency_conflict';
    const before = isRepeat ? await findRepeated(engine, idempotencyKey ?? '', hash) : undefined;
    if (before) return before;
    throw error;
  }
  await announce(
    engine,
    tasks
      .filter(({ place }) => place.openParents === 0)
      .map((task) => ({ ...task, fresh: task.dueAt <= task.createdAt })),
  );
  return { workflowId, resultTaskId: workflow.resultTaskId, taskIds, duplicate: false };
}

function describe({ definition, input, options }: Request): unknown {
  return [definition.name, input, options];
}

/** The workflow that holds the key, if it is the same. */
async function findRepeated(engine: Engine, key: string, hash: string): Promise<WorkflowReceipt | undefined> {
  const [statement] = findKeys(engine, [`idempotency:${key}`]);
  const [held] = statement ? await read<HeldKey>(engine, statement) : [];
  if (!held?.input_hash.startsWith(`${hash} `)) return undefined;
  const task = await getTask(engine, held.task_id);
  const whole = task?.workflowId ? await getWorkflow(engine, task.workflowId, MAX_WORKFLOW_TASKS) : undefined;
  if (!whole) return undefined;
  const { id: workflowId, resultTaskId } = whole.workflow;
  return { workflowId, resultTaskId, taskIds: whole.tasks.map(({ id }) => id), duplicate: true };
}
