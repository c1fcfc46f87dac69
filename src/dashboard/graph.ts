// Lays out the tasks of a workflow as a graph: layers from left to right, with interchangeable tasks drawn as one node. Pure.
// Takes linear time in tasks and edges, apart from sorting.

/** The fields of a task that decide its place in the graph, its title and its colour. */
export interface GraphTask {
  task_id: string;
  name: string;
  /** The name of the node of a graph that it belongs to. */
  node: string | null;
  status: string;
  not_needed: boolean;
  parents: string[];
}

/** One task, or many tasks in the same place of the workflow. */
export interface GraphNode {
  id: string;
  name: string;
  tasks: GraphTask[];
  /** The left edge of the box. */
  x: number;
  /** The vertical middle of the box. */
  y: number;
}

export interface Edge {
  from: GraphNode;
  to: GraphNode;
  /** Points in the layers between, so that a long edge runs beside their boxes and not behind them. */
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

/** More interchangeable tasks than this are drawn as one node. */
const MAX_SEPARATE = 5;
/** The height that an edge takes in a layer it passes, in pixels. */
const PASS_HEIGHT = 14;
/** If edges pass layers more often than this in all, they are drawn straight. */
const MAX_PASSES = 400;
/** Rounds of colour refinement: tasks are distinguished by their neighbours up to this distance. */
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

/** The number of steps on the longest path to each task. Does not recurse, because chains may be long. */
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

/** Groups interchangeable tasks by colour refinement: equal layer, equal name, and equal kinds of neighbours. */
function collapse(tasks: readonly GraphTask[], parents: Parents, layers: ReadonlyMap<string, number>): GraphTask[][] {
  let kinds = numberByWord(tasks.map(({ task_id, name }) => [task_id, `${layers.get(task_id)} ${name}`]));
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
    kinds = numberByWord(
      tasks.map(({ task_id: id }) => [id, `${kinds.get(id)}|${words(above.get(id))}|${words(below.get(id))}`]),
    );
    if (new Set(kinds.values()).size === before) break;
  }
  const groups = new Map<number, GraphTask[]>();
  for (const task of tasks) {
    const kind = kinds.get(task.task_id) ?? 0;
    const members = groups.get(kind);
    if (members) members.push(task);
    else groups.set(kind, [task]);
  }
  return [...groups.values()].flatMap((members) =>
    members.length > MAX_SEPARATE ? [members] : members.map((task) => [task]),
  );
}

/** Maps each id to a number. Ids with equal words get equal numbers. */
function numberByWord(words: [string, string][]): Map<string, number> {
  const numbers = new Map<string, number>();
  return new Map(
    words.map(([id, word]) => {
      const known = numbers.get(word) ?? numbers.size;
      numbers.set(word, known);
      return [id, known];
    }),
  );
}

function add(sets: Map<string, Set<number>>, id: string, value: number): void {
  const set = sets.get(id);
  if (set) set.add(value);
  else sets.set(id, new Set([value]));
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

/** Takes room in a layer: a box, or an edge that passes the layer. */
interface Slot extends Point {
  height: number;
  before: Point[];
}

/** Sorts each layer by the mean height of its predecessors, so that few edges cross, and centres it. Returns the graph's height. */
function place(columns: GraphNode[][], edges: Edge[], layerOf: (node: GraphNode) => number): number {
  const slots: Slot[][] = columns.map(() => []);
  const slotOf = new Map<GraphNode, Slot>();
  for (const node of columns.flat()) {
    // The slot is the node itself, so that placing the slot places the node.
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
