// A workflow before it is committed: its graph, the requests for its tasks, and their places. Does no I/O.
import { v7 as uuidv7 } from 'uuid';
import { lazy } from '../../lazy.ts';
import type { Declaration } from '../declaration.ts';
import { hashInput, idempotencyKeyOf } from '../dedupe-keys.ts';
import type { Engine } from '../engine.ts';
import { EnqueueOptions, WorkflowName } from '../enqueue-options.ts';
import { EngineError, issuesOf } from '../errors.ts';
import type { NewTask } from '../new-task.ts';
import type { EnqueueRequest } from '../prepare-tasks.ts';
import type { Batch } from '../store/batch.ts';
import { insertWorkflows, type NewWorkflow } from '../store/insert-workflow.ts';
import { type Gathering, type Graph, nodeOf, planGraph } from './graph.ts';
import { GATHER, GATHER_GRAPH, GATHER_NAMED, type WorkflowNode } from './node.ts';

export interface WorkflowOptions {
  /** Runs once, after the workflow failed, with `{ task_id, error }`. */
  onError?: WorkflowNode | undefined;
  /** The same key with the same workflow within 24 hours gives the same workflow; with another one it is refused. */
  idempotencyKey?: string | undefined;
  /** What is the same workflow under that key. Default: its tasks, edges and name. */
  content?: unknown;
  /** Receives a POST when the result task is final. */
  callbackUrl?: string | undefined;
  /** Lists can be filtered by it. */
  name?: string | undefined;
  /** Of the workflow; its tasks have tags of their own. */
  tags?: readonly string[] | undefined;
}

/** What the schema of a task's options does not have. */
const OwnOptions = lazy(() =>
  EnqueueOptions().pick({ idempotencyKey: true, callbackUrl: true, tags: true }).extend({
    name: WorkflowName().optional(),
  }),
);

/** Ten thousand, and the one that gathers their results. */
export const MAX_WORKFLOW_TASKS = 10_001;

/** The refusal of a workflow whose task at `path` is one too many. */
export function tooManyTasks(path: string): EngineError {
  const message = 'at most 10,000 tasks in one workflow, and one that gathers them';
  return new EngineError('too_many_tasks', message, [{ path, message }]);
}

export interface PlannedWorkflow {
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

/** Throws EngineError `invalid_input`, `invalid_options`, `too_many_tasks`. */
export async function planWorkflow(
  engine: Engine,
  root: WorkflowNode,
  { onError, content, ...options }: WorkflowOptions = {},
): Promise<PlannedWorkflow> {
  const own = OwnOptions().safeParse(options);
  if (!own.success) throw new EngineError('invalid_options', 'the options are not valid', issuesOf(own.error));
  const { idempotencyKey, callbackUrl, name, tags } = own.data;
  const graph = planGraph(
    gatheringOf((known) => engine.registry.get(known)),
    root,
    onError,
  );
  refuseTooMany(graph);
  const requests = graph.tasks.map(({ node: { definition, bound, immutable, options }, receives }) => ({
    definition,
    input: bound,
    options,
    partial: receives !== undefined && !immutable,
  }));
  const whole = [requests.map(describe), graph.edges, ...(name === undefined ? [] : [name])];
  const hash = idempotencyKey === undefined ? '' : await hashInput('workflow', content ?? whole);
  const same = { graph, requests, hash, idempotencyKey, callbackUrl, name };
  return { workflowId: uuidv7(), ...same, tags: [...new Set(tags)] };
}

/** Where a task stands in the description. */
export const pathOf =
  ({ graph }: PlannedWorkflow) =>
  (index: number): string =>
    graph.tasks[index]?.path ?? '';

/** A workflow, and its tasks as placeTasks returned them. */
export interface PlacedWorkflow {
  planned: PlannedWorkflow;
  tasks: readonly NewTask[];
}

/** Adds workflows, their members and their edges. */
export function addWorkflows(batch: Batch, engine: Engine, placed: readonly PlacedWorkflow[]): void {
  const createdAt = engine.clock.now();
  insertWorkflows(
    batch,
    placed.map((workflow) => toNewWorkflow(workflow, createdAt)),
  );
}

function toNewWorkflow({ planned, tasks }: PlacedWorkflow, createdAt: number): NewWorkflow {
  const { workflowId: id, graph, name, tags } = planned;
  const idOf = (index: number) => tasks[index]?.id ?? '';
  const edges = graph.edges.map((edge) => ({ ...edge, parentId: idOf(edge.parent), childId: idOf(edge.child) }));
  const members = tasks.map((task, index) => ({ taskId: task.id, node: nodeOf(pathOf(planned)(index)) }));
  return { id, resultTaskId: idOf(graph.result), members, createdAt, name, tags, edges };
}

/** The tasks with their places in the graph. The result task carries what belongs to the whole workflow. */
export function placeTasks(
  engine: Engine,
  prepared: readonly NewTask[],
  { workflowId, graph, hash, idempotencyKey, callbackUrl }: PlannedWorkflow,
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

/** The definitions of the engine that gather results. */
export function gatheringOf(find: (name: string) => Declaration | undefined): Gathering {
  const known = (name: string): Declaration => {
    const definition = find(name);
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
