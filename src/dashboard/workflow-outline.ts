// Describes a workflow as JSON in words: as POST /workflows takes it, or as a schedule defined in code keeps it. Pure.
import { plural } from './format.ts';

export interface Outline {
  /** `graph of 4 nodes`. */
  kind: string;
  /** `extract → check, transform → load`. */
  parts: string;
}

/** More steps of a chain or layers of a graph, and more parts side by side, are counted and not named. */
const MOST_STEPS = 6;
const MOST_BESIDE = 4;
const MOST_CHARACTERS = 40;

/** Undefined if the JSON is not a workflow. It need not be one that the API takes. */
export function outlineOf(json: unknown): Outline | undefined {
  if (!isObject(json)) return undefined;
  const { chain, group, chord, dag } = json;
  if (Array.isArray(chain)) return { kind: `chain of ${plural(chain.length, 'part')}`, parts: inOrder(chain) };
  if (Array.isArray(group)) return { kind: `group of ${plural(group.length, 'part')}`, parts: beside(group) };
  if (isObject(chord) && Array.isArray(chord.header)) {
    const parts = [beside(chord.header), titleOf(chord.body)].join(' → ');
    return { kind: `chord of ${plural(chord.header.length, 'part')} and a body`, parts };
  }
  if (typeof dag === 'object' && dag !== null) return outlineOfGraph(dag);
  const name = nameOf(json);
  return name === undefined ? undefined : { kind: 'single task', parts: name };
}

/** The name that a workflow was given. Of a single task, `name` is the name of the task. */
export function workflowNameOf(json: unknown): string | undefined {
  const isNamed = isObject(json) && ['chain', 'group', 'chord', 'dag'].some((kind) => kind in json);
  return isNamed && typeof json.name === 'string' ? json.name : undefined;
}

interface Named {
  name: string;
  after: string[];
}

function outlineOfGraph(dag: object): Outline {
  // A schedule defined in code keeps the nodes as a list.
  const entries: [string, unknown][] = Array.isArray(dag)
    ? dag.map((node: unknown) => [isObject(node) ? String(node.name) : '', node])
    : Object.entries(dag);
  const nodes = entries.map(([name, node]): Named => {
    const after = isObject(node) && Array.isArray(node.after) ? node.after.map(String) : [];
    return { name, after };
  });
  const layers = layersOf(nodes).map((names) => listed(names));
  return { kind: `graph of ${plural(nodes.length, 'node')}`, parts: joined(layers) };
}

/** By the longest way to each node. Nodes of a cycle, and those after an unknown node, are left out. */
function layersOf(nodes: readonly Named[]): string[][] {
  const layers: string[][] = [];
  const placed = new Set<string>();
  let open = [...nodes];
  while (open.length > 0) {
    const ready = open.filter(({ after }) => after.every((name) => placed.has(name)));
    if (ready.length === 0) break;
    layers.push(ready.map(({ name }) => name));
    for (const { name } of ready) placed.add(name);
    open = open.filter((node) => !ready.includes(node));
  }
  return layers;
}

const inOrder = (nodes: readonly unknown[]) => joined(nodes.map(titleOf));
const beside = (nodes: readonly unknown[]) => listed(nodes.map(titleOf));

function titleOf(node: unknown): string {
  return nameOf(node) ?? outlineOf(node)?.kind ?? '?';
}

function nameOf(node: unknown): string | undefined {
  if (!isObject(node)) return undefined;
  const name = typeof node.name === 'string' ? node.name : node.task;
  return typeof name === 'string' && !['chain', 'group', 'chord', 'dag'].some((kind) => kind in node)
    ? cut(name)
    : undefined;
}

function joined(steps: readonly string[]): string {
  const rest = steps.length - MOST_STEPS;
  return [...steps.slice(0, MOST_STEPS), ...(rest > 0 ? [`${rest} more`] : [])].join(' → ');
}

function listed(names: readonly string[]): string {
  const rest = names.length - MOST_BESIDE;
  return [...names.slice(0, MOST_BESIDE).map(cut), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

const cut = (name: string) => (name.length > MOST_CHARACTERS ? `${name.slice(0, MOST_CHARACTERS - 1)}…` : name);

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
