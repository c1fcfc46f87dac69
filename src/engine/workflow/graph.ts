// Nested nodes → one flat graph: tasks, edges and counts of open parents. Pure. A group followed by a task is gathered by that
// task (a chord). A group followed by nothing, or by another group, is gathered by a task of its own, so that edges grow no
// faster than the workflow. The results of a graph are gathered by name.

import type { Declaration } from '../declaration.ts';
import { EngineError } from '../errors.ts';
import type { Receives, RunsOn } from '../new-task.ts';
import { graphFaults, parentsFirst } from './dag.ts';
import type { DagNode, NamedNode, TaskNode, WorkflowNode } from './node.ts';

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
  /** Between nodes of a graph: the name under which the child receives the result, '' if it does not. */
  label?: string;
}

/** The definitions of tasks that gather results. */
export interface Gathering {
  gather: Declaration;
  gatherNamed: Declaration;
  gatherGraph: Declaration;
}

export interface Graph {
  tasks: PlannedTask[];
  edges: PlannedEdge[];
  /** The task whose result is the workflow's. */
  result: number;
  gathering: Gathering;
}

interface TailTask {
  task: number;
  runsOn: RunsOn;
  label?: string;
}

/** What the next part depends on: one task, the members of a group, or parents in a graph. */
interface Tail {
  tasks: TailTask[];
  grouped: boolean;
  /** The task that the graph around the next part comes after. If that ends the wrong way, no task of the graph runs. */
  entry?: TailTask | undefined;
}

/**
 * Flattens a workflow. `onError` runs once, after the workflow failed. Parents come before their children. Throws EngineError
 * `invalid_input` for a chain of nothing, and for a graph that is empty, has a cycle or names a node that it does not have.
 */
export function planGraph(gathering: Gathering, root: WorkflowNode, onError?: WorkflowNode): Graph {
  const graph: Graph = { tasks: [], edges: [], result: 0, gathering };
  graph.result = single(graph, plan(graph, root, 'workflow', undefined), 'workflow');
  if (onError) plan(graph, onError, 'on_error', after(graph.result, 'failure'));
  return graph;
}

function plan(graph: Graph, node: WorkflowNode, path: string, parents: Tail | undefined): Tail {
  if (node.kind === 'task') return after(add(graph, node, path, parents));
  if (node.kind === 'dag') return planDag(graph, node, path, gate(graph, parents, path));
  if (node.kind === 'chain') {
    const tail = node.nodes.reduce<Tail | undefined>(
      (before, link, index) => plan(graph, link, `${path}.chain.${index}`, before),
      parents,
    );
    if (node.nodes.length > 0 && tail) return tail;
    throw new EngineError('invalid_input', 'the workflow is not valid', [{ path, message: 'a chain needs a part' }]);
  }
  const shared = gate(graph, parents, path);
  // An empty group still orders the parts before and after it.
  if (node.nodes.length === 0) {
    return after(add(graph, { ...builtIn(graph.gathering.gather), immutable: true }, path, shared));
  }
  const runsOn = node.onChildFailure === 'continue' ? 'any' : 'success';
  const tasks = node.nodes.map((member, index) => {
    const at = `${path}.group.${index}`;
    return { task: single(graph, plan(graph, member, at, shared), at), runsOn } as const;
  });
  return { tasks, grouped: true };
}

const RUNS_ON = { all_success: 'success', all_done: 'any', one_failed: 'failure' } as const;

/** `outer`: the one task that the graph comes after; undefined: none. */
function planDag(graph: Graph, { nodes }: DagNode, path: string, outer: Tail | undefined): Tail {
  const faults = graphFaults(nodes, `${path}.dag`);
  if (faults.length > 0) throw new EngineError('invalid_input', 'the workflow is not valid', faults);
  const [entry] = outer?.tasks ?? [];
  const tasks = new Map<string, number>();
  const named = (name: string, runsOn: RunsOn): TailTask => ({ task: tasks.get(name) ?? 0, runsOn, label: name });
  for (const { name, node, after: parents, when } of parentsFirst(nodes)) {
    const at = `${path}.dag.${name}`;
    const behind = { tasks: parents.map((parent) => named(parent, RUNS_ON[when])), grouped: true, entry };
    tasks.set(name, single(graph, plan(graph, node, at, parents.length > 0 ? behind : outer), at));
  }
  const sinks = sinksOf(nodes).map(({ name, runsOn }) => named(name, runsOn));
  return after(add(graph, builtIn(graph.gathering.gatherGraph), path, { tasks: sinks, grouped: true, entry }));
}

/** The nodes whose results are the graph's. If a `one_failed` node comes after one of them, its failure is not the graph's. */
function sinksOf(nodes: readonly NamedNode[]): { name: string; runsOn: RunsOn }[] {
  const continued = new Set(nodes.flatMap(({ after: parents, when }) => (when === 'one_failed' ? [] : parents)));
  const guarded = new Set(nodes.flatMap(({ after: parents, when }) => (when === 'one_failed' ? parents : [])));
  return nodes
    .filter(({ name }) => !continued.has(name))
    .map(({ name }) => ({ name, runsOn: guarded.has(name) ? 'any' : 'success' }));
}

/** The names of the nodes on the way to a task, joined by dots; undefined outside graphs. Paths go down by kind and position. */
export function nodeOf(path: string): string | undefined {
  const steps = path.split('.').slice(1);
  const names = steps.filter((_, index) => index % 2 === 1 && steps[index - 1] === 'dag');
  return names.length > 0 ? names.join('.') : undefined;
}

/** The same parents as at most one task: members of a group, or nodes, would otherwise need an edge to each of several. */
function gate(graph: Graph, parents: Tail | undefined, path: string): Tail | undefined {
  if (!parents) return undefined;
  const isNamed = parents.tasks.some(({ label }) => label !== undefined);
  if (isNamed) return after(add(graph, builtIn(graph.gathering.gatherNamed), path, parents));
  return parents.grouped ? after(single(graph, parents, path)) : parents;
}

/** The one task that stands for a tail. */
function single(graph: Graph, tail: Tail, path: string): number {
  const [first] = tail.tasks;
  if (!tail.grouped && first !== undefined) return first.task;
  return add(graph, builtIn(graph.gathering.gather), path, tail);
}

function after(task: number, runsOn: RunsOn = 'success'): Tail {
  return { tasks: [{ task, runsOn }], grouped: false };
}

function add(graph: Graph, node: TaskNode, path: string, parents: Tail | undefined): number {
  const child = graph.tasks.length;
  const all = [...(parents?.tasks ?? []), ...(parents?.entry ? [parents.entry] : [])];
  graph.tasks.push({ node, path, receives: receivesOf(graph, node, parents), openParents: all.length });
  for (const [position, { task: parent, runsOn, label }] of all.entries()) {
    const named = label === undefined ? {} : { label: node.immutable ? '' : label };
    graph.edges.push({ parent, child, position, runsOn, ...named });
  }
  for (const [index, link] of node.links.entries()) plan(graph, link, `${path}.link.${index}`, after(child));
  for (const [index, link] of node.errorLinks.entries()) {
    plan(graph, link, `${path}.link_error.${index}`, after(child, 'failure'));
  }
  return child;
}

function receivesOf(graph: Graph, node: TaskNode, parents: Tail | undefined): Receives | undefined {
  const [parent] = parents?.tasks ?? [];
  // A node of a graph looks at its parents in any case: whether it is needed depends on them.
  if (parent?.label !== undefined) return 'results';
  if (!parents || node.immutable) return undefined;
  if (parents.grouped) return 'results';
  if (parent?.runsOn === 'failure') return 'error';
  return parent && graph.tasks[parent.task]?.node.definition === graph.gathering.gather ? 'list' : 'output';
}

function builtIn(definition: Declaration): TaskNode {
  return { kind: 'task', definition, bound: {}, immutable: false, options: {}, links: [], errorLinks: [] };
}
