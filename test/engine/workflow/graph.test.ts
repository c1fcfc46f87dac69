// From nested parts to a flat graph.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, dag, defineTask, group } from '../../../src/engine/index.ts';
import { gather, gatherGraph, gatherNamed } from '../../../src/engine/workflow/gather.ts';
import { type Graph, nodeOf, planGraph } from '../../../src/engine/workflow/graph.ts';
import type { WorkflowNode } from '../../../src/engine/workflow/node.ts';

const task = defineTask({ name: 'test.task', input: z.object({}), output: z.object({}), run: () => ({}) });
const [a, b, c, d] = [task.s(), task.s(), task.s(), task.s()];

const plan = ({ node }: { node: WorkflowNode }, onError?: { node: WorkflowNode }) =>
  planGraph({ gather, gatherNamed, gatherGraph }, node, onError?.node);
/** A chain whose links need not fit by type. */
const chainOf = (...parts: { node: WorkflowNode }[]) => ({
  node: { kind: 'chain' as const, nodes: parts.map(({ node }) => node) },
});
/** `0>1 success`: an edge from task 0 to task 1. */
const edgesOf = ({ edges }: Graph) => edges.map(({ parent, child, runsOn }) => `${parent}>${child} ${runsOn}`);
/** The same with labels: `0>1 success as a`. */
const labelledEdgesOf = ({ edges }: Graph) =>
  edges.map(({ parent, child, runsOn, label }) => {
    const as = label === undefined ? '' : ` as ${label || 'nothing'}`;
    return `${parent}>${child} ${runsOn}${as}`;
  });
const nodesOf = ({ tasks }: Graph) => tasks.map(({ path }) => nodeOf(path));
const namesOf = ({ tasks }: Graph) => tasks.map(({ node }) => node.definition.name);
const receivesOf = ({ tasks }: Graph) => tasks.map(({ receives }) => receives);

describe('the graph', () => {
  it('of a chain has an edge from each link to the next', () => {
    const graph = plan(chain(a, b, c));
    expect(edgesOf(graph)).toEqual(['0>1 success', '1>2 success']);
    expect(receivesOf(graph)).toEqual([undefined, 'output', 'output']);
    expect(graph.tasks.map(({ openParents }) => openParents)).toEqual([0, 1, 1]);
    expect(graph.result).toBe(2);
  });

  it('of a group has a task that gathers its results, in order', () => {
    const graph = plan(group([a, b]));
    expect(namesOf(graph)).toEqual(['test.task', 'test.task', 'canvas.gather']);
    expect(graph.edges).toEqual([
      { parent: 0, child: 2, position: 0, runsOn: 'success' },
      { parent: 1, child: 2, position: 1, runsOn: 'success' },
    ]);
    expect(receivesOf(graph)).toEqual([undefined, undefined, 'results']);
  });

  it('of a chord lets the body gather the results', () => {
    const graph = plan(chord([a, b], c as never));
    expect(namesOf(graph)).toEqual(['test.task', 'test.task', 'test.task']);
    expect(edgesOf(graph)).toEqual(['0>2 success', '1>2 success']);
  });

  it('of a chord that goes on after failures has edges for any end', () => {
    expect(edgesOf(plan(chord([a, b], c as never, { onChildFailure: 'continue' })))).toEqual(['0>2 any', '1>2 any']);
  });

  it('of two groups in a row has one task between them, and not an edge from each to each', () => {
    const graph = plan(chainOf(group([a, b]), group([c, d])));
    expect(namesOf(graph).filter((name) => name === 'canvas.gather')).toHaveLength(2);
    expect(edgesOf(graph)).toEqual(
      [0, 1]
        .map((parent) => `${parent}>2 success`)
        .concat(['2>3', '2>4', '3>5', '4>5'].map((edge) => `${edge} success`)),
    );
    expect(receivesOf(graph).slice(3, 5)).toEqual(['list', 'list']);
  });

  it('of an immutable link passes nothing on to it, and still waits', () => {
    const graph = plan(chain(a, task.si({})));
    expect(receivesOf(graph)).toEqual([undefined, undefined]);
    expect(edgesOf(graph)).toEqual(['0>1 success']);
  });

  it('has links and error links of a task, and onError after the result', () => {
    const graph = plan(chain(a.link(b).linkError(c), b), d);
    expect(edgesOf(graph)).toEqual(['0>1 success', '0>2 failure', '0>3 success', '3>4 failure']);
    expect(receivesOf(graph)).toEqual([undefined, 'output', 'error', 'output', 'error']);
    expect(graph.tasks.map(({ path }) => path)).toEqual([
      'workflow.chain.0',
      'workflow.chain.0.link.0',
      'workflow.chain.0.link_error.0',
      'workflow.chain.1',
      'on_error',
    ]);
  });

  it('of an empty group in a chain keeps the order of the parts around it', () => {
    const graph = plan(chainOf(a, group([]), b));
    expect(edgesOf(graph)).toEqual(['0>1 success', '1>2 success']);
  });

  it('is refused for an empty chain, with its place', () => {
    const empty = chainOf().node;
    expect(() => plan({ node: { kind: 'group', nodes: [a.node, empty], onChildFailure: 'fail' } })).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        issues: [expect.objectContaining({ path: 'workflow.group.1' })],
      }),
    );
  });
});

describe('the plan of named nodes', () => {
  it('has an edge with a label for each dependency, parents first, and a task that gathers the results by name', () => {
    const graph = plan(
      dag({
        load: { run: b, after: ['extract', 'check'] },
        check: { run: c, after: ['extract'] },
        extract: a,
      } as never),
    );
    expect(nodesOf(graph)).toEqual(['extract', 'check', 'load', undefined]);
    expect(labelledEdgesOf(graph)).toEqual([
      '0>1 success as extract',
      '0>2 success as extract',
      '1>2 success as check',
      '2>3 success as load',
    ]);
    expect(receivesOf(graph)).toEqual([undefined, 'results', 'results', 'results']);
    expect(graph.tasks[3]?.node.definition.name).toBe('canvas.gather_graph');
    expect(graph.result).toBe(3);
  });

  it('has the ends that each node runs after, and passes nothing on by name to an immutable one', () => {
    const graph = plan(
      dag({
        a,
        clean: { run: b, after: ['a'], when: 'all_done' },
        alert: { run: task.si({}), after: ['a'], when: 'one_failed' },
      } as never),
    );
    expect(labelledEdgesOf(graph)).toEqual([
      '0>1 any as a',
      '0>2 failure as nothing',
      '1>3 success as clean',
      '2>3 success as alert',
    ]);
    expect(receivesOf(graph).slice(1, 3)).toEqual(['results', 'results']);
  });

  it('lets a node that only a failure continues give a result, and not fail the whole', () => {
    const graph = plan(dag({ load: a, alert: { run: b, after: ['load'], when: 'one_failed' } } as never));
    expect(labelledEdgesOf(graph).slice(1)).toEqual(['0>2 any as load', '1>2 success as alert']);
  });

  it('may have a chain, a group and a graph as nodes, and may be a part of them', () => {
    const inner = dag({ x: c, y: { run: d, after: ['x'], when: 'all_done' } } as never);
    const graph = plan(chainOf(a, dag({ one: chainOf(b, c), two: { run: inner, after: ['one'] } } as never), d));
    expect(namesOf(graph).map((name) => name.replace('canvas.', ''))).toEqual([
      ...['test.task', 'test.task', 'test.task', 'gather_named', 'test.task', 'test.task', 'gather_graph'],
      ...['gather_graph', 'test.task'],
    ]);
    expect(nodesOf(graph)).toEqual([
      ...[undefined, 'one', 'one', 'two', 'two.x', 'two.y', 'two', undefined],
      undefined,
    ]);
    expect(labelledEdgesOf(graph)).toEqual([
      '0>1 success',
      '1>2 success',
      // The inner graph is node `two`; it comes after `one`, and after the part before the outer graph.
      '2>3 success as one',
      '0>3 success',
      '3>4 success',
      '4>5 any as x',
      '3>5 success',
      '5>6 success as y',
      '3>6 success',
      '6>7 success as two',
      '0>7 success',
      '7>8 success',
    ]);
    expect(graph.tasks.map(({ openParents }) => openParents)).toEqual([0, 1, 1, 2, 1, 2, 2, 2, 1]);
  });

  it('gathers the parents of a group once', () => {
    const graph = plan(dag({ a, b, all: { run: group([c, d]), after: ['a', 'b'] } } as never));
    expect(labelledEdgesOf(graph)).toEqual([
      '0>2 success as a',
      '1>2 success as b',
      '2>3 success',
      '2>4 success',
      '3>5 success',
      '4>5 success',
      '5>6 success as all',
    ]);
    expect(receivesOf(graph).slice(2)).toEqual(['results', 'output', 'output', 'results', 'results']);
  });

  it('is refused for a cycle, with its place', () => {
    const cycle = dag({ a: { run: a, after: ['b'] }, b: { run: b, after: ['a'] } } as never);
    expect(() => plan(chainOf(a, cycle))).toThrow(
      expect.objectContaining({
        code: 'invalid_input',
        issues: [expect.objectContaining({ path: 'workflow.chain.1.dag.a.after' })],
      }),
    );
  });
});

it('the node of a task is told from its path, also where names look like kinds of parts', () => {
  expect(nodeOf('workflow')).toBeUndefined();
  expect(nodeOf('workflow.chain.0.group.3')).toBeUndefined();
  expect(nodeOf('workflow.dag.dag')).toBe('dag');
  expect(nodeOf('on_error.chain.1.dag.chain.dag.x.link.0')).toBe('chain.x');
});
