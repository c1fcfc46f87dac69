// A part of a workflow, with types: a link whose input does not fit what the part before passes on does not compile.
// Types only; signature.ts builds parts.
import type { WorkflowReceipt } from '../receipt.ts';
import type { WorkflowNode } from './node.ts';

/** A part of a workflow. `Needs`: the input it takes from the part before; `Flows`: what it passes on to the next. */
export interface WorkflowPart<Needs, Flows> {
  readonly node: WorkflowNode;
  /** Only for the compiler. */
  readonly types?: { needs: (needs: Needs) => void; flows: Flows };
  /** Enqueues it as a workflow, all or nothing. Throws as `enqueue` does. */
  enqueue(options?: WorkflowPartOptions): Promise<WorkflowReceipt>;
}

export type AnyWorkflowPart = WorkflowPart<never, unknown>;

export interface WorkflowPartOptions {
  /** Runs once, after the workflow failed, with `{ task_id, error }`. */
  onError?: AnyWorkflowPart;
  /** The same key with the same workflow within 24 hours gives the same workflow; with another one it is refused. */
  idempotencyKey?: string;
  /** Receives a POST when the workflow is final. */
  callbackUrl?: string;
  /** Lists of workflows can be filtered by it. */
  name?: string;
  /** The same for tags, at most 10. They are the workflow's; each task has its own. */
  tags?: readonly string[];
}

/** A task of a workflow, to which callbacks can be linked. */
export interface Signature<Needs, Flows> extends WorkflowPart<Needs, Flows> {
  /** Runs `next` after this one succeeded, beside the next part of the workflow. */
  link(next: WorkflowPart<Flows, unknown>): Signature<Needs, Flows>;
  /** Runs `next` after this one failed, with `{ task_id, error }`. */
  linkError(next: AnyWorkflowPart): Signature<Needs, Flows>;
}

/** What a task passes on: its output when that is an object, else `{ result }`. */
export type Flow<Output> = Output extends readonly unknown[]
  ? { result: Output }
  : Output extends object
    ? Output
    : { result: Output };
/** The fields of the input that are not bound yet; an input without named fields takes anything. */
export type Rest<Input, Bound> = string extends keyof Input ? unknown : Omit<Input, keyof Bound>;
export type NeedsOf<Part> = Part extends WorkflowPart<infer Needs, unknown> ? Needs : never;
/** What several parts need together. */
export type NeedsOfAll<Part> = (Part extends AnyWorkflowPart ? (needs: NeedsOf<Part>) => void : never) extends (
  needs: infer Needs,
) => void
  ? Needs
  : never;
export type FlowsOf<Part> = Part extends WorkflowPart<never, infer Flows> ? Flows : never;
export type ResultOf<Part> = FlowsOf<Part> extends { result: infer Result } ? Result : FlowsOf<Part>;

/** The parts, if each fits the one before. Otherwise the misfit is `never`, and the call does not compile. */
export type Fitting<Parts extends readonly AnyWorkflowPart[]> = Parts extends readonly [
  infer A,
  infer B,
  ...infer More extends AnyWorkflowPart[],
]
  ? B extends AnyWorkflowPart
    ? FlowsOf<A> extends NeedsOf<B>
      ? readonly [A, ...Fitting<readonly [B, ...More]>]
      : readonly [A, never, ...More]
    : never
  : Parts;

export type First<Parts> = Parts extends readonly [infer Part, ...unknown[]] ? Part : never;
export type Last<Parts> = Parts extends readonly [...unknown[], infer Part] ? Part : never;
