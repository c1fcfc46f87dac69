// The names and dependencies of a graph: what is wrong with them, and an order in which parents come first. Pure.
import type { Issue } from '../errors.ts';
import type { NamedNode } from './node.ts';

/** A name becomes a field of inputs and results. It begins with a letter, so that no name is `__proto__` or a number. */
const NAME = /^[A-Za-z][\w-]{0,63}$/;
/** In one graph. Each is a row of its own. */
export const MAX_DEPENDENCIES = 50_000;
const MAX_ISSUES = 100;
/** Names that the message about a cycle lists. */
const MAX_LISTED = 10;

/** Every fault of the graph at `path`, at most 100. */
export function graphFaults(nodes: readonly NamedNode[], path: string): Issue[] {
  const dependencies = nodes.reduce((sum, { after }) => sum + after.length, 0);
  if (nodes.length === 0) return [{ path, message: 'A graph needs at least one node.' }];
  if (dependencies > MAX_DEPENDENCIES) {
    const message = `A graph has at most ${MAX_DEPENDENCIES.toLocaleString('en')} dependencies, not ${dependencies.toLocaleString('en')}.`;
    return [{ path, message }];
  }
  const names = new Set(nodes.map(({ name }) => name));
  const faults = nodes.flatMap((node) => nodeFaults(node, names, `${path}.${node.name}`));
  return (faults.length > 0 ? faults : cycleFaults(nodes, path)).slice(0, MAX_ISSUES);
}

function nodeFaults({ name, after, when }: NamedNode, names: ReadonlySet<string>, path: string): Issue[] {
  const faults: Issue[] = [];
  if (!NAME.test(name)) {
    const message = 'The name of a node begins with a letter and has letters, digits, "_" and "-", at most 64 of them.';
    faults.push({ path, message });
  }
  if (after.length === 0 && when !== 'all_success') {
    faults.push({ path: `${path}.when`, message: `"${when}" needs nodes to come after: \`after\` is empty.` });
  }
  const seen = new Set<string>();
  for (const [index, parent] of after.entries()) {
    const refuse = (message: string) => faults.push({ path: `${path}.after.${index}`, message });
    if (parent === name) refuse('A node cannot come after itself.');
    else if (!names.has(parent)) refuse(`No node of this graph is named "${parent.slice(0, 100)}".`);
    else if (seen.has(parent)) refuse(`"${parent}" is named twice.`);
    seen.add(parent);
  }
  return faults;
}

function cycleFaults(nodes: readonly NamedNode[], path: string): Issue[] {
  const sorted = new Set(parentsFirst(nodes).map(({ name }) => name));
  const left = new Map(nodes.filter(({ name }) => !sorted.has(name)).map((node) => [node.name, node]));
  // Each node that is left has a parent that is left, so this walk comes back to a node it has seen.
  const walk = new Set<string>();
  let [at] = left.keys();
  while (at !== undefined && !walk.has(at)) {
    walk.add(at);
    at = left.get(at)?.after.find((parent) => left.has(parent));
  }
  if (at === undefined) return [];
  const seen = [...walk];
  const cycle = [...seen.slice(seen.indexOf(at)), at].reverse();
  const listed = cycle.length <= MAX_LISTED ? cycle : [...cycle.slice(0, MAX_LISTED - 1), '…', at];
  return [{ path: `${path}.${at}.after`, message: `The nodes form a cycle: ${listed.join(' → ')}.` }];
}

/** The nodes with parents first, else in the given order; without those on a cycle and what comes after them. */
export function parentsFirst(nodes: readonly NamedNode[]): NamedNode[] {
  const open = new Map(nodes.map(({ name, after }) => [name, after.length]));
  const children = new Map<string, NamedNode[]>();
  for (const node of nodes) {
    for (const parent of node.after) {
      const others = children.get(parent);
      if (others) others.push(node);
      else children.set(parent, [node]);
    }
  }
  const sorted = nodes.filter(({ after }) => after.length === 0);
  // The list grows while it is walked.
  for (const { name } of sorted) {
    for (const child of children.get(name) ?? []) {
      const left = (open.get(child.name) ?? 0) - 1;
      open.set(child.name, left);
      if (left === 0) sorted.push(child);
    }
  }
  return sorted;
}
