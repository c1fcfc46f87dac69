// A workflow as JSON, in which a schedule keeps it, and back. Pure.
import type { Declaration } from '../declaration.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError } from '../errors.ts';
import type { GroupNode, TaskNode, When, WorkflowNode } from './node.ts';

interface StoredTask {
  name: string;
  input?: Record<string, unknown>;
  immutable?: true;
  options?: EnqueueOptions;
  links?: StoredNode[];
  errorLinks?: StoredNode[];
}

export type StoredNode =
  | StoredTask
  | { chain: StoredNode[] }
  | { group: StoredNode[]; onChildFailure: GroupNode['onChildFailure'] }
  | { dag: { name: string; node: StoredNode; after: readonly string[]; when: When }[] };

export function storeNode(node: WorkflowNode): StoredNode {
  if (node.kind === 'chain') return { chain: node.nodes.map(storeNode) };
  if (node.kind === 'group') return { group: node.nodes.map(storeNode), onChildFailure: node.onChildFailure };
  if (node.kind === 'dag') return { dag: node.nodes.map((each) => ({ ...each, node: storeNode(each.node) })) };
  const { bound, immutable, options, links, errorLinks } = node;
  return {
    name: node.builtIn ?? node.definition.name,
    input: bound,
    ...(immutable && { immutable }),
    options,
    ...(links.length > 0 && { links: links.map(storeNode) }),
    ...(errorLinks.length > 0 && { errorLinks: errorLinks.map(storeNode) }),
  };
}

type FindDefinition = (name: string) => Declaration | undefined;

/** Throws EngineError `unknown_task`. */
export function readNode(find: FindDefinition, stored: StoredNode): WorkflowNode {
  const read = (each: StoredNode) => readNode(find, each);
  if ('chain' in stored) return { kind: 'chain', nodes: stored.chain.map(read) };
  if ('group' in stored) return { kind: 'group', nodes: stored.group.map(read), onChildFailure: stored.onChildFailure };
  if ('dag' in stored) return { kind: 'dag', nodes: stored.dag.map((each) => ({ ...each, node: read(each.node) })) };
  return readTask(find, stored);
}

function readTask(find: FindDefinition, stored: StoredTask): TaskNode {
  const definition = find(stored.name);
  if (!definition) throw new EngineError('unknown_task', `no task is named "${stored.name}" in this deployment`);
  const { eta, expires, ...options } = stored.options ?? {};
  return {
    kind: 'task',
    definition,
    bound: stored.input ?? {},
    immutable: stored.immutable ?? false,
    // JSON has the instants as texts.
    options: {
      ...options,
      ...(eta !== undefined && { eta: new Date(eta) }),
      ...(expires !== undefined && { expires: typeof expires === 'number' ? expires : new Date(expires) }),
    },
    links: (stored.links ?? []).map((each) => readNode(find, each)),
    errorLinks: (stored.errorLinks ?? []).map((each) => readNode(find, each)),
  };
}
