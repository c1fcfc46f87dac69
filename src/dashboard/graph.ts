// From the tasks of a workflow to a picture of it: layers from left to right, alike tasks drawn as one. Pure; linear in
// tasks and edges, but for the sorting.

/** What of a task its place in the graph depends on, and its colour. */
export interface GraphTask {
  task_id: string;
  name: string;
  status: string;
  parents: string[];
}

/** One task, or many that stand in the same place. */
export interface GraphNode {
  id: string;
  name: string;
  tasks: GraphTask[];
  /** From the left, the middle of the box. */
  x: number;
  y: number;
}

export interface Edge {
  from: GraphNode;
  to: GraphNode;
  /** Where a long edge passes the layers between, so that it runs beside their boxes and not behind them. */
  through: Point[];
}

interface Point {
  x: number;
  y: number;
}

export interface Graph {
  nodes: GraphNode[];
  edges: Edge[];
  width: number;
  height: number;
}

export const NODE_WIDTH = 184;
export const NODE_HEIGHT = 52;
const GAP_X = 64;
const GAP_Y = 18;
const MARGIN = 16;

/** More alike tasks than these are drawn as one. */
const MAX_ALIKE = 5;
/** Room for an edge that passes a layer. */
const PASS_HEIGHT = 14;
/** With more places to pass, edges run straight: such a graph is not followed line by line. */
const MAX_PASSES = 400;
/** Rounds of comparing neighbours: how far tasks are told apart by what is around them. */
const ROUNDS = 6;

export function drawGraph(tasks: readonly GraphTask[]): Graph {
  const known = new Map(tasks.map((task) => [task.task_id, task]));
  const parents = new Map(tasks.map((task) => [task.task_id, task.parents.filter((id) => known.has(id))]));
  const layers = layersOf(tasks, parents);
  const groups = collapse(tasks, parents, layers);
  const nodeOf = new Map<string, GraphNode>();
  const columns: GraphNode[][] = [];
  for (const members of groups) {
    const [first] = members;
    if (!first) continue;
    const layer = layers.get(first.task_id) ?? 0;
    const node: GraphNode = { id: first.task_id, name: first.name, tasks: members, x: 0, y: 0 };
    for (const { task_id } of members) nodeOf.set(task_id, node);
    columns[layer] = [...(columns[layer] ?? []), node];
  }
  const edges = edgesOf(tasks, parents, nodeOf);
  const layerOf = ({ id }: GraphNode) => layers.get(id) ?? 0;
  return {
    nodes: columns.flat(),
    edges,
    width: MARGIN * 2 + columns.length * NODE_WIDTH + Math.max(0, columns.length - 1) * GAP_X,
    height: place(columns, edges, layerOf),
  };
}

type Parents = ReadonlyMap<string, readonly string[]>;

/** How many steps lie before each task on the longest way to it. By a queue, not by recursion: chains may be long. */
function layersOf(tasks: readonly GraphTask[], parents: Parents): Map<string, number> {
  const children = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const { task_id } of tasks) {
    const above = parents.get(task_id) ?? [];
    open.set(task_id, above.length);
    for (const id of above) {
      const below = children.get(id);
      if (below) below.push(task_id);
      else children.set(id, [task_id]);
    }
  }
  const layers = new Map<string, number>();
  const ready = tasks.filter(({ task_id }) => open.get(task_id) === 0).map(({ task_id }) => task_id);
  for (const id of ready) {
    const layer = layers.get(id) ?? 0;
    layers.set(id, layer);
    for (const child of children.get(id) ?? []) {
      layers.set(child, Math.max(layers.get(child) ?? 0, layer + 1));
      const left = (open.get(child) ?? 1) - 1;
      open.set(child, left);
      if (left === 0) ready.push(child);
    }
  }
  return layers;
}

/** Tasks that no neighbour tells apart, by colour refinement: equal layer, name, and kinds of neighbours. */
function collapse(tasks: readonly GraphTask[], parents: Parents, layers: ReadonlyMap<string, number>): GraphTask[][] {
  let kinds = number(tasks.map(({ task_id, name }) => [task_id, `${layers.get(task_id)} ${name}`]));
  for (let round = 0; round < ROUNDS; round++) {
    const above = new Map<string, Set<number>>();
    const below = new Map<string, Set<number>>();
    for (const { task_id } of tasks) {
      for (const id of parents.get(task_id) ?? []) {
        add(above, task_id, kinds.get(id) ?? 0);
        add(below, id, kinds.get(task_id) ?? 0);
      }
    }
    const words = (set: Set<number> | undefined) => [...(set ?? [])].sort((a, b) => a - b).join();
    const before = new Set(kinds.values()).size;
    kinds = number(
      tasks.map(({ task_id: id }) => [id, `${kinds.get(id)}|${words(above.get(id))}|${words(below.get(id))}`]),
    );
    if (new Set(kinds.values()).size === before) break;
  }
  const alike = new Map<number, GraphTask[]>();
  for (const task of tasks) {
    const kind = kinds.get(task.task_id) ?? 0;
    const members = alike.get(kind);
    if (members) members.push(task);
    else alike.set(kind, [task]);
  }
  return [...alike.values()].flatMap((members) =>
    members.length > MAX_ALIKE ? [members] : members.map((task) => [task]),
  );
}

/** Equal words → equal numbers. */
function number(words: [string, string][]): Map<string, number> {
  const numbers = new Map<string, number>();
  return new Map(
    words.map(([id, word]) => {
      const known = numbers.get(word) ?? numbers.size;
      numbers.set(word, known);
      return [id, known];
    }),
  );
}

function add(sets: Map<string, Set<number>>, key: string, value: number): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function edgesOf(tasks: readonly GraphTask[], parents: Parents, nodeOf: ReadonlyMap<string, GraphNode>): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { task_id } of tasks) {
    const to = nodeOf.get(task_id);
    for (const id of parents.get(task_id) ?? []) {
      const from = nodeOf.get(id);
      if (from && to) edges.set(`${from.id} ${to.id}`, { from, to, through: [] });
    }
  }
  return [...edges.values()];
}

/** Something that takes room in a layer: a box, or an edge on its way past. */
interface Slot extends Point {
  height: number;
  before: Point[];
}

/** Sorts each layer by the middle of what leads to it, so that lines cross seldom, and centres it. Returns the height. */
function place(columns: GraphNode[][], edges: Edge[], layerOf: (node: GraphNode) => number): number {
  const slots: Slot[][] = columns.map(() => []);
  const slotOf = new Map<GraphNode, Slot>();
  for (const node of columns.flat()) {
    // The slot's place is the node's own.
    const slot = Object.assign(node, { height: NODE_HEIGHT, before: [] as Point[] });
    slotOf.set(node, slot);
    slots[layerOf(node)]?.push(slot);
  }
  const passes = edges.reduce((sum, { from, to }) => sum + layerOf(to) - layerOf(from) - 1, 0);
  for (const edge of edges) {
    let last: Point = edge.from;
    for (let layer = layerOf(edge.from) + 1; layer < layerOf(edge.to) && passes <= MAX_PASSES; layer++) {
      const slot: Slot = { x: 0, y: 0, height: PASS_HEIGHT, before: [last] };
      slots[layer]?.push(slot);
      edge.through.push(slot);
      last = slot;
    }
    slotOf.get(edge.to)?.before.push(last);
  }
  const heightOf = (column: Slot[]) => column.reduce((sum, { height }) => sum + height + GAP_Y, -GAP_Y);
  const tallest = Math.max(NODE_HEIGHT, ...slots.map(heightOf));
  for (const [layer, column] of slots.entries()) {
    const middle = ({ before }: Slot) => before.reduce((sum, { y }) => sum + y, 0) / Math.max(1, before.length);
    column.sort((a, b) => middle(a) - middle(b));
    let top = MARGIN + (tallest - heightOf(column)) / 2;
    for (const slot of column) {
      slot.x = MARGIN + layer * (NODE_WIDTH + GAP_X);
      slot.y = top + slot.height / 2;
      top += slot.height + GAP_Y;
    }
  }
  return tallest + MARGIN * 2 + 6;
}
