// Celery's canvas: chain, group, chord, map. Values with types: a link whose input does not fit what flows into it does
// not compile. Nothing happens before `.enqueue()`.
import { currentEngine } from '../engine.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError, issuesOf } from '../errors.ts';
import type { AnyDefinition, Definition } from '../task.ts';
import { enqueueWorkflow, type WorkflowReceipt } from './enqueue-workflow.ts';
import { type CanvasNode, CHUNK, type TaskNode } from './node.ts';

/** A part of a workflow. `Needs`: what must flow in; `Flows`: what flows out of it, as the next link receives it. */
export interface Canvas<Needs, Flows> {
  readonly node: CanvasNode;
  /** Only for the compiler. */
  readonly types?: { needs: (needs: Needs) => void; flows: Flows };
  /** Enqueues it as a workflow, all or nothing. Throws as `enqueue` does. */
  enqueue(options?: { onError?: AnyCanvas; idempotencyKey?: string; callbackUrl?: string }): Promise<WorkflowReceipt>;
}

export type AnyCanvas = Canvas<never, unknown>;

/** A task of a workflow, to which callbacks can be linked. */
export interface Signature<Needs, Flows> extends Canvas<Needs, Flows> {
  /** Runs `next` after this one succeeded, beside whatever follows in the workflow. */
  link(next: Canvas<Flows, unknown>): Signature<Needs, Flows>;
  /** Runs `next` after this one failed, with `{ task_id, error }`. */
  linkError(next: AnyCanvas): Signature<Needs, Flows>;
}

/** What a task's output is for the next link: itself when it is an object, else `{ result }`. */
export type Flow<Output> = Output extends readonly unknown[]
  ? { result: Output }
  : Output extends object
    ? Output
    : { result: Output };
/** What of the input is not bound yet; an input without named fields takes anything. */
export type Rest<Input, Bound> = string extends keyof Input ? unknown : Omit<Input, keyof Bound>;
type NeedsOf<Part> = Part extends Canvas<infer Needs, unknown> ? Needs : never;
/** What each of several parts needs, together. */
type NeedsOfAll<Part> = (Part extends AnyCanvas ? (needs: NeedsOf<Part>) => void : never) extends (
  needs: infer Needs,
) => void
  ? Needs
  : never;
type FlowsOf<Part> = Part extends Canvas<never, infer Flows> ? Flows : never;
type ResultOf<Part> = FlowsOf<Part> extends { result: infer Result } ? Result : FlowsOf<Part>;

/** The parts, if each fits the one before; else the misfit is `never`, and the call does not compile. */
type Fitting<Parts extends readonly AnyCanvas[]> = Parts extends readonly [
  infer A,
  infer B,
  ...infer More extends AnyCanvas[],
]
  ? B extends AnyCanvas
    ? FlowsOf<A> extends NeedsOf<B>
      ? readonly [A, ...Fitting<readonly [B, ...More]>]
      : readonly [A, never, ...More]
    : never
  : Parts;

type First<Parts> = Parts extends readonly [infer Part, ...unknown[]] ? Part : never;
type Last<Parts> = Parts extends readonly [...unknown[], infer Part] ? Part : never;

/** A signature of a definition, with a part of its input; the rest flows in from the link before. */
export function signature<Input, Output, Bound extends Partial<Input>>(
  definition: Definition<Input, Output>,
  bound: Bound,
  options: EnqueueOptions & { immutable?: boolean } = {},
): Signature<Rest<Input, Bound>, Flow<Output>> {
  const { immutable = false, ...rest } = options;
  const node: TaskNode = { kind: 'task', definition, bound, immutable, options: rest, links: [], errorLinks: [] };
  return fromTask(node);
}

/** Runs the parts one after the other; each gets what the one before results in. A group in it, followed by a part, is a chord. */
export function chain<Parts extends readonly AnyCanvas[]>(
  ...parts: Fitting<Parts> & Parts
): Canvas<NeedsOf<First<Parts>>, FlowsOf<Last<Parts>>> {
  return fromNode({ kind: 'chain', nodes: parts.map(({ node }) => node) });
}

/** Runs the parts independently; results in the list of their results, in order. */
export function group<Part extends AnyCanvas>(
  parts: readonly Part[],
): Canvas<NeedsOfAll<Part>, { results: ResultOf<Part>[] }> {
  return fromNode({ kind: 'group', nodes: parts.map(({ node }) => node), onChildFailure: 'fail' });
}

/**
 * Runs `body` once, after all of `header` succeeded, with `{ results }` in header order. With `onChildFailure: 'continue'`
 * it runs once all ended, and finds `{ error }` in the places of those that failed.
 */
export function chord<Part extends AnyCanvas, Needs, Flows>(
  header: readonly Part[],
  body: Canvas<Needs, Flows>,
  { onChildFailure = 'fail' }: { onChildFailure?: 'fail' | 'continue' } = {},
): Canvas<NeedsOfAll<Part>, { results: ResultOf<Part>[] } extends Needs ? Flows : never> {
  const members: CanvasNode = { kind: 'group', nodes: header.map(({ node }) => node), onChildFailure };
  return fromNode({ kind: 'chain', nodes: [members, body.node] });
}

/** One task of the definition for each input. */
export function map<Input, Output>(
  definition: Definition<Input, Output>,
  inputs: readonly Input[],
): Canvas<unknown, { results: Output[] }> {
  const nodes = inputs.map((input) => signature(definition, input as Partial<Input>, { immutable: true }).node);
  return fromNode({ kind: 'group', nodes, onChildFailure: 'fail' });
}

/**
 * Celery's chunks: the inputs in tasks of `size` each, which run theirs one after the other. Results come in lists, one a
 * task. An input that fails fails its task; its retry runs the inputs before it again, each under its own idempotency key.
 * The definition's own backoff and limits do not count. `size`: 1 or more, whole. Throws EngineError `invalid_input`.
 */
export function chunks<Input, Output>(
  definition: Definition<Input, Output>,
  inputs: readonly Input[],
  size: number,
): Canvas<unknown, { results: Output[][] }> {
  if (!Number.isInteger(size) || size < 1) {
    throw new EngineError('invalid_input', 'the size of a chunk is not valid', [
      { path: 'size', message: `must be a whole number of at least 1, not ${size}` },
    ]);
  }
  const parts = Array.from({ length: Math.ceil(inputs.length / size) }, (_, at) =>
    inputs.slice(at * size, (at + 1) * size),
  );
  return fromNode({ kind: 'group', nodes: parts.map((part) => chunkNode(definition, part)), onChildFailure: 'fail' });
}

function fromNode<Needs, Flows>(node: CanvasNode): Canvas<Needs, Flows> {
  return {
    node,
    enqueue: ({ onError, ...options } = {}) =>
      enqueueWorkflow(currentEngine(), node, { onError: onError?.node, ...options }),
  };
}

function fromTask<Needs, Flows>(node: TaskNode): Signature<Needs, Flows> {
  return {
    ...fromNode<Needs, Flows>(node),
    link: (next) => fromTask({ ...node, links: [...node.links, next.node] }),
    linkError: (next) => fromTask({ ...node, errorLinks: [...node.errorLinks, next.node] }),
  };
}

/** Travels and is retried as often as its definition. */
function chunkNode(definition: AnyDefinition, inputs: readonly unknown[]): TaskNode {
  const issues = inputs.flatMap((input, index) => issuesOf(definition.input.safeParse(input).error, 'inputs', index));
  if (issues.length > 0) throw new EngineError('invalid_input', 'the input is not valid', issues.slice(0, 100));
  return {
    kind: 'task',
    get definition() {
      const chunk = currentEngine().registry.get(CHUNK);
      if (!chunk) throw new Error(`the registry does not know ${CHUNK}`);
      return chunk;
    },
    bound: { task: definition.name, inputs },
    immutable: true,
    options: { ...(definition.queue && { queue: definition.queue }), maxRetries: definition.maxRetries },
    links: [],
    errorLinks: [],
  };
}
