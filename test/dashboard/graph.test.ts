import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawGraph, NODE_HEIGHT, NODE_WIDTH } from '../../src/dashboard/graph.ts';

const task = (task_id: string, name: string, parents: string[] = [], status = 'PENDING') => ({
  ...{ task_id, name, parents, status, node: null, not_needed: false },
});

/** A chord with `size` chains of two tasks each, and its body. */
function chord(size: number) {
  const numbers = Array.from({ length: size }, (_, index) => index);
  return [
    task('start', 'a'),
    ...numbers.map((n) => task(`first-${n}`, 'b', ['start'])),
    ...numbers.map((n) => task(`second-${n}`, 'c', [`first-${n}`])),
    task(
      'body',
      'd',
      numbers.map((n) => `second-${n}`),
    ),
  ];
}

describe('the graph of a workflow', () => {
  it('goes from left to right, each task to the right of its parents', () => {
    const { nodes } = drawGraph([task('c', 'c', ['a', 'b']), task('b', 'b', ['a']), task('a', 'a')]);
    const x = Object.fromEntries(nodes.map((node) => [node.id, node.x]));

    expect(x.a).toBeLessThan(x.b!);
    expect(x.b).toBeLessThan(x.c!);
  });

  it('draws many interchangeable tasks as one node, also if they belong to many chains', () => {
    const { nodes, edges } = drawGraph(chord(40));

    expect(nodes.map(({ name, tasks }) => `${tasks.length} ${name}`)).toEqual(['1 a', '40 b', '40 c', '1 d']);
    expect(edges).toHaveLength(3);
  });

  it('draws a few interchangeable tasks separately', () => {
    expect(drawGraph(chord(3)).nodes).toHaveLength(8);
  });

  it('draws the tasks of one chain separately', () => {
    const links = Array.from({ length: 30 }, (_, n) => task(`${n}`, 'a', n > 0 ? [`${n - 1}`] : []));

    expect(drawGraph(links).nodes).toHaveLength(30);
  });

  it('draws an edge that passes a layer beside the boxes of that layer', () => {
    const { nodes, edges } = drawGraph([task('a', 'a'), task('b', 'b', ['a']), task('c', 'c', ['a', 'b'])]);
    const [past] = edges.find(({ from, to }) => from.id === 'a' && to.id === 'c')!.through;
    const box = nodes.find(({ id }) => id === 'b')!;

    expect(past!.x).toBe(box.x);
    expect(Math.abs(past!.y - box.y)).toBeGreaterThan(NODE_HEIGHT / 2);
  });

  it('lays out ten thousand tasks within 5 seconds', () => {
    const startedAt = performance.now();

    expect(drawGraph(chord(5000)).nodes).toHaveLength(4);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('leaves out parents that are not among the tasks, and is empty without tasks', () => {
    expect(drawGraph([task('b', 'b', ['elsewhere'])]).edges).toEqual([]);
    expect(drawGraph([])).toMatchObject({ nodes: [], edges: [] });
  });

  it('has every task in exactly one box, and no boxes that overlap', () => {
    const tasks = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), parents: fc.array(fc.nat(30)) }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(tasks, (drawn) => {
        const made = drawn.map(({ name, parents }, index) =>
          task(`${index}`, name, [...new Set(parents.filter((parent) => parent < index).map(String))]),
        );
        const { nodes, width, height } = drawGraph(made);
        const ids = nodes.flatMap((node) => node.tasks.map(({ task_id }) => task_id));
        expect(ids.sort()).toEqual(made.map(({ task_id }) => task_id).sort());
        for (const node of nodes) {
          expect(node.x + NODE_WIDTH).toBeLessThanOrEqual(width);
          expect(node.y + NODE_HEIGHT / 2).toBeLessThanOrEqual(height);
          const sameLayer = nodes.filter((other) => other !== node && other.x === node.x);
          for (const other of sameLayer) expect(Math.abs(other.y - node.y)).toBeGreaterThanOrEqual(NODE_HEIGHT);
        }
      }),
    );
  });
});
