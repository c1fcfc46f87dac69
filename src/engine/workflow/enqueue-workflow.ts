// Enqueues a workflow: plans the graph, then accepts its tasks and edges in one transaction.
import { v7 as uuidv7 } from 'uuid';
import { type Acceptance, accept } from '../accept.ts';
import type { Declaration } from '../declaration.ts';
import { hashInput, idempotencyKeyOf } from '../dedupe-keys.ts';
import type { Engine } from '../engine.ts';
import { EnqueueOptions, WorkflowName } from '../enqueue-options.ts';
import { EngineError, issuesOf } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import type { EnqueueRequest } from '../prepare-tasks.ts';
import type { WorkflowReceipt } from '../receipt.ts';
import { Batch } from '../store/batch.ts';
import { findKeys } from '../store/dedupe-keys.ts';
import { getTask } from '../store/get-task.ts';
import { getWorkflow } from '../store/get-workflow.ts';
import { insertWorkflow } from '../store/insert-workflow.ts';
import { type Gathering, type Graph, nodeOf, planGraph } from './graph.ts';
import { GATHER, GATHER_GRAPH, GATHER_NAMED, type WorkflowNode } from './node.ts';

export interface WorkflowOptions {
  /** Runs once, after the workflow failed, with `{ task_id, error }`. */
  onError?: WorkflowNode | undefined;
  /** The same key with the same workflow within 24 hours gives the same workflow; with another one it is refused. */
  idempotencyKey?: string | undefined;
  /** Receives a POST when the result task is final. */
  callbackUrl?: string | undefined;
  /** Lists can be filtered by it. */
  name?: string | undefined;
  /** Of the workflow; its tasks have tags of their own. */
  tags?: readonly string[] | undefined;
}

/** What the schema of a task's options does not have. */
const OwnOptions = EnqueueOptions.pick({ idempotencyKey: true, callbackUrl: true, tags: true }).extend({
  name: WorkflowName.optional(),
});

/** Ten thousand, and the one that gathers their results. */
export const MAX_WORKFLOW_TASKS = 10_001;

/** The refusal of a workflow whose task at `path` is one too many. */
export function tooManyTasks(path: string): EngineError {
  const message = 'at most 10,000 tasks in one workflow, and one that gathers them';
  return new EngineError('too_many_tasks', message, [{ path, message }]);
}

/**
 * Commits the whole workflow or nothing. Dedupe keys of its tasks are left out: a task that stands in for another would have
 * two places in the graph. Throws EngineError `invalid_input`, `invalid_options`, `too_many_tasks`, `input_too_large`,
 * `idempotency_conflict`, `backlog_full`, `store_unavailable`.
 */
export async function enqueueWorkflow(
  engine: Engine,
  root: WorkflowNode,
  { onError, ...options }: WorkflowOptions = {},
): Promise<WorkflowReceipt> {
  const own = OwnOptions.safeParse(options);
  if (!own.success) throw new EngineError('invalid_options', 'the options are not valid', issuesOf(own.error));
  const { idempotencyKey, callbackUrl, name, tags } = own.data;
  const graph = planGraph(gatheringOf(engine), root, onError);
  refuseTooMany(graph);
  const requests = graph.tasks.map(({ node: { definition, bound, immutable, options }, receives }) => ({
    definition,
    input: bound,
    options,
    partial: receives !== undefined && !immutable,
  }));
  const whole = [requests.map(describe), graph.edges, ...(name === undefined ? [] : [name])];
  const hash = idempotencyKey === undefined ? '' : await hashInput('workflow', whole);
  const planned: Planned = {
    workflowId: uuidv7(),
    graph,
    requests,
    hash,
    idempotencyKey,
    callbackUrl,
    name,
    tags: [...new Set(tags)],
  };
  try {
    return await acceptWorkflow(engine, planned);
  } catch (error) {
    const isRepeat = error instanceof EngineError && error.code === 'idempotency_conflict';
    const before = isRepeat ? await findRepeated(engine, planned) : undefined;
    if (before) return before;
    throw error;
  }
}

interface Planned {
  workflowId: string;
  graph: Graph;
  requests: EnqueueRequest[];
  /** Tells the workflow from another one under the same idempotency key. */
  hash: string;
  idempotencyKey: string | undefined;
  callbackUrl: string | undefined;
  name: string | undefined;
  tags: readonly string[];
}

async function acceptWorkflow(engine: Engine, planned: Planned): Promise<WorkflowReceipt> {
  const { workflowId, graph, requests, name, tags } = planned;
  let tasks: NewTask[] = [];
  const idOf = (index: number) => tasks[index]?.id ?? '';
  const how: Acceptance = {
    path: (index) => graph.tasks[index]?.path ?? '',
    change: (prepared) => {
      tasks = placeTasks(engine, prepared, planned);
      return tasks;
    },
    before: (batch) => {
      const edges = graph.edges.map((edge) => ({ ...edge, parentId: idOf(edge.parent), childId: idOf(edge.child) }));
      const members = tasks.map(({ id }, index) => ({ taskId: id, node: nodeOf(graph.tasks[index]?.path ?? '') }));
      const createdAt = engine.clock.now();
      const resultTaskId = idOf(graph.result);
      insertWorkflow(batch, { id: workflowId, resultTaskId, members, createdAt, name, tags }, edges);
    },
  };
  await accept(engine, requests, how);
  return { workflowId, resultTaskId: idOf(graph.result), taskIds: tasks.map(({ id }) => id), duplicate: false };
}

/** The tasks with their places in the graph. The result task carries what belongs to the whole workflow. */
function placeTasks(
  engine: Engine,
  prepared: readonly NewTask[],
  { workflowId, graph, hash, idempotencyKey, callbackUrl }: Planned,
): NewTask[] {
  return prepared.map((task, index) => {
    const { openParents = 0, receives } = graph.tasks[index] ?? {};
    const placed: NewTask = { ...task, dedupeKeys: [], place: { workflowId, openParents, receives } };
    if (index !== graph.result) return placed;
    // The task's id in the hash differs from every holder's, so that a repeat aborts as a whole.
    if (idempotencyKey !== undefined)
      placed.dedupeKeys = [idempotencyKeyOf(idempotencyKey, `${hash} ${task.id}`, engine.clock.now())];
    if (callbackUrl !== undefined) placed.callback = JSON.stringify({ url: callbackUrl, workflow_id: workflowId });
    return placed;
  });
}

function gatheringOf({ registry }: Engine): Gathering {
  const known = (name: string): Declaration => {
    const definition = registry.get(name);
    if (!definition) throw new Error(`The registry does not know ${name}.`);
    return definition;
  };
  return { gather: known(GATHER), gatherNamed: known(GATHER_NAMED), gatherGraph: known(GATHER_GRAPH) };
}

function refuseTooMany({ tasks }: Graph): void {
  const gathers = tasks.some(({ receives }) => receives === 'results');
  const excess = tasks[gathers ? MAX_WORKFLOW_TASKS : MAX_WORKFLOW_TASKS - 1];
  if (excess) throw tooManyTasks(excess.path);
}

function describe({ definition, input, options }: EnqueueRequest): unknown {
  return [definition.name, input, options];
}

/** The workflow that holds the idempotency key, if it is the same one. */
async function findRepeated(engine: Engine, planned: Planned): Promise<WorkflowReceipt | undefined> {
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
