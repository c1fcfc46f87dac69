// Builds workflows as Celery's canvas does: signature, chain, group, chord, map, chunks; and graphs. Nothing happens before `.enqueue()`.
import { currentEngine } from '../current.ts';
import type { Declaration, Typed } from '../declaration.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError, issuesOf } from '../errors.ts';
import type { FittingNodes, GraphNode, GraphNodes, GraphResults, NeedsOfNodes } from './dag-part.ts';
import { enqueueWorkflow } from './enqueue-workflow.ts';
import { CHUNK, type NamedNode, type TaskNode, type WorkflowNode } from './node.ts';
import type {
  AnyWorkflowPart,
  First,
  Fitting,
  Flow,
  FlowsOf,
  Last,
  NeedsOf,
  NeedsOfAll,
  Rest,
  ResultOf,
  Signature,
  WorkflowPart,
} from './part.ts';

/** A definition with a part of its input; the rest comes from the part before. */
export function signature<Input, Output, Bound extends Partial<Input>>(
  definition: Typed<Input, Output>,
  bound: Bound,
  options: EnqueueOptions & { immutable?: boolean } = {},
): Signature<Rest<Input, Bound>, Flow<Output>> {
  const { immutable = false, ...rest } = options;
  const node: TaskNode = { kind: 'task', definition, bound, immutable, options: rest, links: [], errorLinks: [] };
  return fromTask(node);
}

/** Runs the parts one after the other; each gets the result of the one before. A group followed by a part is a chord. */
export function chain<Parts extends readonly AnyWorkflowPart[]>(
  ...parts: Fitting<Parts> & Parts
): WorkflowPart<NeedsOf<First<Parts>>, FlowsOf<Last<Parts>>> {
  return fromNode({ kind: 'chain', nodes: parts.map(({ node }) => node) });
}

/** Runs the parts independently; its result is the list of their results, in order. */
export function group<Part extends AnyWorkflowPart>(
  parts: readonly Part[],
): WorkflowPart<NeedsOfAll<Part>, { results: ResultOf<Part>[] }> {
  return fromNode({ kind: 'group', nodes: parts.map(({ node }) => node), onChildFailure: 'fail' });
}

/**
 * Runs `body` once, after all of `header` succeeded, with `{ results }` in header order. With `onChildFailure: 'continue'`
 * it runs once all ended, with `{ error }` in the places of those that failed.
 */
export function chord<Part extends AnyWorkflowPart, Needs, Flows>(
  header: readonly Part[],
  body: WorkflowPart<Needs, Flows>,
  { onChildFailure = 'fail' }: { onChildFailure?: 'fail' | 'continue' } = {},
): WorkflowPart<NeedsOfAll<Part>, { results: ResultOf<Part>[] } extends Needs ? Flows : never> {
  const members: WorkflowNode = { kind: 'group', nodes: header.map(({ node }) => node), onChildFailure };
  return fromNode({ kind: 'chain', nodes: [members, body.node] });
}

/**
 * Runs each node once all nodes of its `after` have ended as its `when` says, with their results by name. Its result is the
 * results of the nodes that no other node continues, by name. A cycle or an unknown name is refused when it is enqueued.
 */
export function dag<const Nodes extends GraphNodes>(
  nodes: Nodes & FittingNodes<Nodes>,
): WorkflowPart<NeedsOfNodes<Nodes>, GraphResults<Nodes>> {
  return fromNode({ kind: 'dag', nodes: Object.entries<AnyWorkflowPart | GraphNode>(nodes).map(toNamed) });
}

function toNamed([name, given]: [string, AnyWorkflowPart | GraphNode]): NamedNode {
  const { run, after = [], when = 'all_success' }: GraphNode = 'run' in given ? given : { run: given };
  return { name, node: run.node, after, when };
}

/** One task of the definition for each input. */
export function map<Input, Output>(
  definition: Typed<Input, Output>,
  inputs: readonly Input[],
): WorkflowPart<unknown, { results: Output[] }> {
  const nodes = inputs.map((input) => signature(definition, input as Partial<Input>, { immutable: true }).node);
  return fromNode({ kind: 'group', nodes, onChildFailure: 'fail' });
}

/**
 * Celery's chunks: tasks of `size` inputs each, which a task runs one after the other. Each task results in a list. An input
 * that fails fails its task; the retry runs the inputs before it again, each under its own idempotency key. The definition's
 * own backoff and limits are not used. `size`: 1 or more, whole. Throws EngineError `invalid_input`.
 */
export function chunks<Input, Output>(
  definition: Typed<Input, Output>,
  inputs: readonly Input[],
  size: number,
): WorkflowPart<unknown, { results: Output[][] }> {
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

function fromNode<Needs, Flows>(node: WorkflowNode): WorkflowPart<Needs, Flows> {
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

/** It goes into the definition's queue and is retried as often. */
function chunkNode(definition: Declaration, inputs: readonly unknown[]): TaskNode {
  const issues = inputs.flatMap((input, index) => issuesOf(definition.input.safeParse(input).error, 'inputs', index));
  if (issues.length > 0) throw new EngineError('invalid_input', 'the input is not valid', issues.slice(0, 100));
  return {
    kind: 'task',
    builtIn: CHUNK,
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
