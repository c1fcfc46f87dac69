// Enqueues a workflow: plan the graph, validate every task, commit tasks and edges together, ring for those without parents.
import { v7 as uuidv7 } from 'uuid';
import type { Engine } from '../engine.ts';
import { insert } from '../enqueue.ts';
import { EngineError } from '../errors.ts';
import { prepareTasks } from '../prepare-tasks.ts';
import { announce } from '../ring.ts';
import { insertWorkflow } from '../store/insert-workflow.ts';
import { planGraph } from './graph.ts';
import { type CanvasNode, GATHER } from './node.ts';

export interface WorkflowReceipt {
  workflowId: string;
  /** The task whose result is the workflow's. */
  resultTaskId: string;
  /** In the order of the description, the tasks that gather groups among them. */
  taskIds: string[];
}

/** Ten thousand, and the one that gathers them. */
export const MAX_WORKFLOW_TASKS = 10_001;

/**
 * Commits the whole workflow or nothing. Idempotency and unique keys of its tasks are left out: a task that stands for
 * another would have two places in the graph. Throws EngineError `invalid_input`, `invalid_options`, `too_many_tasks`,
 * `input_too_large`, `store_unavailable`.
 */
export async function enqueueWorkflow(
  engine: Engine,
  root: CanvasNode,
  onError?: CanvasNode,
): Promise<WorkflowReceipt> {
  const gather = engine.registry.get(GATHER);
  if (!gather) throw new Error(`the registry does not know ${GATHER}`);
  const graph = planGraph(gather, root, onError);
  if (graph.tasks.length > MAX_WORKFLOW_TASKS) {
    throw new EngineError(
      'too_many_tasks',
      `${graph.tasks.length} tasks in one workflow; at most ${MAX_WORKFLOW_TASKS}`,
    );
  }
  const requests = graph.tasks.map(({ node: { definition, bound, options }, receives }) => ({
    definition,
    input: bound,
    options,
    partial: receives !== undefined,
  }));
  const prepared = await prepareTasks(engine, requests, (index) => graph.tasks[index]?.path ?? '');
  const workflowId = uuidv7();
  const tasks = prepared.map((task, index) => ({
    ...task,
    keys: [],
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
  await insert(engine, tasks, { alongside: insertWorkflow(engine, workflow, edges) });
  await announce(
    engine,
    tasks.filter(({ place }) => place.openParents === 0),
  );
  return { workflowId, resultTaskId: workflow.resultTaskId, taskIds };
}
