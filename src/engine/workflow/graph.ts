// Nested nodes → one flat graph: tasks, edges and counts of open parents. Pure. A group followed by a task is gathered by that
// task (a chord). A group followed by nothing, or by another group, is gathered by a task of its own, so that edges grow no
// faster than the workflow.

import type { Declaration } from '../declaration.ts';
import { EngineError } from '../errors.ts';
import type { Receives, RunsOn } from '../new-task.ts';
import type { TaskNode, WorkflowNode } from './node.ts';

export interface PlannedTask {
  node: TaskNode;
  /** Its place in the description: `workflow.chain.0.group.3`. */
  path: string;
  receives: Receives | undefined;
  openParents: number;
}

/** Parent and child by their index among the tasks. */
export interface PlannedEdge {
  parent: number;
  child: number;
  position: number;
  runsOn: RunsOn;
}

export interface Graph {
  tasks: PlannedTask[];
  edges: PlannedEdge[];
  /** The task whose result is the workflow's. */
  result: number;
  /** The definition of gathering tasks. */
  gather: Declaration;
}

/** What the next part depends on: one task, or the members of a group. */
interface Tail {
  tasks: number[];
  grouped: boolean;
  runsOn: RunsOn;
}

/**
 * Flattens a workflow. `onError` runs once, after the workflow failed; groups are gathered by tasks of `gather`. Throws
 * EngineError `invalid_input` for a chain of nothing.
 */
export function planGraph(gather: Declaration, root: WorkflowNode, onError?: WorkflowNode): Graph {
  const graph: Graph = { tasks: [], edges: [], result: 0, gather };
  graph.result = single(graph, plan(graph, root, 'workflow', undefined));
  if (onError) plan(graph, onError, 'on_error', { tasks: [graph.result], grouped: false, runsOn: 'failure' });
  return graph;
}

function plan(graph: Graph, node: WorkflowNode, path: string, parents: Tail | undefined): Tail {
  if (node.kind === 'task') return one(add(graph, node, path, parents));
  if (node.kind === 'chain') {
    const tail = node.nodes.reduce<Tail | undefined>(
      (before, link, index) => plan(graph, link, `${path}.chain.${index}`, before),
      parents,
    );
    if (node.nodes.length > 0 && tail) return tail;
    throw new EngineError('invalid_input', 'the workflow is not valid', [{ path, message: 'a chain needs a part' }]);
  }
  // Members of a group after a group would need an edge from each to each: one gathering task stands between.
  const shared = parents?.grouped ? one(single(graph, parents)) : parents;
  // An empty group still orders the parts before and after it.
  if (node.nodes.length === 0) return one(add(graph, { ...gatherNode(graph), immutable: true }, path, shared));
  const tasks = node.nodes.map((member, index) => single(graph, plan(graph, member, `${path}.group.${index}`, shared)));
  return { tasks, grouped: true, runsOn: node.onChildFailure === 'continue' ? 'any' : 'success' };
}

/** The one task that stands for a tail. */
function single(graph: Graph, tail: Tail): number {
  const [task] = tail.tasks;
  if (!tail.grouped && task !== undefined) return task;
  return add(graph, gatherNode(graph), 'gather', tail);
}

function one(task: number): Tail {
  return { tasks: [task], grouped: false, runsOn: 'success' };
}

function add(graph: Graph, node: TaskNode, path: string, parents: Tail | undefined): number {
  const child = graph.tasks.length;
  const openParents = parents?.tasks.length ?? 0;
  graph.tasks.push({ node, path, receives: receivesOf(graph, node, parents), openParents });
  for (const [position, parent] of (parents?.tasks ?? []).entries()) {
    graph.edges.push({ parent, child, position, runsOn: parents?.runsOn ?? 'success' });
  }
  for (const [index, link] of node.links.entries()) plan(graph, link, `${path}.link.${index}`, one(child));
  for (const [index, link] of node.errorLinks.entries()) {
    plan(graph, link, `${path}.link_error.${index}`, { tasks: [child], grouped: false, runsOn: 'failure' });
  }
  return child;
}

function receivesOf(graph: Graph, node: TaskNode, parents: Tail | undefined): Receives | undefined {
  if (!parents || node.immutable) return undefined;
  if (parents.grouped) return 'results';
  if (parents.runsOn === 'failure') return 'error';
  const [parent] = parents.tasks;
  return parent !== undefined && graph.tasks[parent]?.node.definition === graph.gather ? 'list' : 'output';
}

function gatherNode({ gather }: Graph): TaskNode {
  return { kind: 'task', definition: gather, bound: {}, immutable: false, options: {}, links: [], errorLinks: [] };
}
