// From nested parts to a flat graph.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask, group } from '../../../src/engine/index.ts';
import { gather } from '../../../src/engine/workflow/gather.ts';
import { type Graph, planGraph } from '../../../src/engine/workflow/graph.ts';
import type { WorkflowNode } from '../../../src/engine/workflow/node.ts';

const task = defineTask({ name: 'test.task', input: z.object({}), output: z.object({}), run: () => ({}) });
const [a, b, c, d] = [task.s(), task.s(), task.s(), task.s()];

const plan = ({ node }: { node: WorkflowNode }, onError?: { node: WorkflowNode }) =>
  planGraph(gather, node, onError?.node);
/** A chain whose links need not fit by type. */
const chainOf = (...parts: { node: WorkflowNode }[]) => ({
  node: { kind: 'chain' as const, nodes: parts.map(({ node }) => node) },
});
/** `0>1 success`: an edge from task 0 to task 1. */
const edgesOf = ({ edges }: Graph) => edges.map(({ parent, child, runsOn }) => `${parent}>${child} ${runsOn}`);
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
