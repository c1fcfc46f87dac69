// A workflow before it is enqueued: plain values, no I/O. The builders in signature.ts give them types.
import type { Declaration } from '../declaration.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';

/** A signature: a definition with some or all of its input. */
export interface TaskNode {
  kind: 'task';
  definition: Declaration;
  /** The name of a definition of the engine: `definition` can be read only while there is an engine. */
  builtIn?: string;
  /** The part of the input that is given here; wins over what the parents pass on. */
  bound: Record<string, unknown>;
  /** Takes nothing from its parents. */
  immutable: boolean;
  options: EnqueueOptions;
  /** Run after it succeeded. */
  links: WorkflowNode[];
  /** Run after it failed, with `{ task_id, error }`. */
  errorLinks: WorkflowNode[];
}

export interface ChainNode {
  kind: 'chain';
  nodes: WorkflowNode[];
}

export interface GroupNode {
  kind: 'group';
  nodes: WorkflowNode[];
  /** `continue`: the next part runs even when members failed, and gets `{ error }` in their places. */
  onChildFailure: 'fail' | 'continue';
}

/** Which ends of its parents a node of a graph runs after. It is decided once all of them have ended. */
export const WHENS = ['all_success', 'all_done', 'one_failed'] as const;
export type When = (typeof WHENS)[number];

/** A node of a graph. */
export interface NamedNode {
  name: string;
  node: WorkflowNode;
  /** The names of its parents. */
  after: readonly string[];
  when: When;
}

export interface DagNode {
  kind: 'dag';
  nodes: readonly NamedNode[];
}

export type WorkflowNode = TaskNode | ChainNode | GroupNode | DagNode;

/** The name of the task that gathers the results of a group. Stored, so it keeps Celery's word. */
export const GATHER = 'canvas.gather';
/** The name of the task that gathers results by name, for a group or a graph inside a graph. */
export const GATHER_NAMED = 'canvas.gather_named';
/** The name of the task that gathers the results of a graph. It runs even if some of its parents were not needed. */
export const GATHER_GRAPH = 'canvas.gather_graph';
/** The name of the task that runs several inputs of a definition. */
export const CHUNK = 'canvas.chunk';
