// What a workflow is made of, before it is enqueued: plain values, no I/O. The builders in canvas.ts give them types.
import type { EnqueueOptions } from '../enqueue-options.ts';
import type { AnyDefinition } from '../task.ts';

/** A signature: a definition with some or all of its input. */
export interface TaskNode {
  kind: 'task';
  definition: AnyDefinition;
  /** The part of the input that is given here; wins over what flows in. */
  bound: Record<string, unknown>;
  /** Takes nothing from its parents. */
  immutable: boolean;
  options: EnqueueOptions;
  /** Run after it succeeded. */
  links: CanvasNode[];
  /** Run after it failed, with `{ task_id, error }`. */
  errorLinks: CanvasNode[];
}

export interface ChainNode {
  kind: 'chain';
  nodes: CanvasNode[];
}

export interface GroupNode {
  kind: 'group';
  nodes: CanvasNode[];
  /** `continue`: what follows runs even when members failed, and gets `{ error }` in their places. */
  onChildFailure: 'fail' | 'continue';
}

export type CanvasNode = TaskNode | ChainNode | GroupNode;

/** The name of the task that gathers a group. */
export const GATHER = 'canvas.gather';
/** The name of the task that runs several inputs of a definition. */
export const CHUNK = 'canvas.chunk';
