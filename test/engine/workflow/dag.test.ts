// The names and dependencies of a graph.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { graphFaults, MAX_DEPENDENCIES, parentsFirst } from '../../../src/engine/workflow/dag.ts';
import type { NamedNode, When } from '../../../src/engine/workflow/node.ts';

const { node } = defineTask({ name: 'test.node', input: z.object({}), output: z.object({}), run: () => ({}) }).s();

/** `{ b: ['a'] }` → nodes. */
const nodesOf = (parents: Record<string, string[]>, whens: Record<string, When> = {}): NamedNode[] =>
  Object.entries(parents).map(([name, after]) => ({
    name,
    node,
    after,
    when: new Map(Object.entries(whens)).get(name) ?? 'all_success',
  }));
const faultsOf = (parents: Record<string, string[]>, whens: Record<string, When> = {}) =>
  graphFaults(nodesOf(parents, whens), 'dag').map(({ path, message }) => `${path}: ${message}`);

describe('a graph', () => {
  it('without a fault has none', () => {
    expect(faultsOf({ d: ['b', 'c'], b: ['a'], c: ['a'], a: [] }, { d: 'all_done', c: 'one_failed' })).toEqual([]);
  });

  it.each([
    ['no node', {}, ['dag: A graph needs at least one node.']],
    ['an unknown name', { a: [], b: ['a', 'x'] }, ['dag.b.after.1: No node of this graph is named "x".']],
    ['itself', { a: ['a'] }, ['dag.a.after.0: A node cannot come after itself.']],
    ['a name twice', { a: [], b: ['a', 'a'] }, ['dag.b.after.1: "a" is named twice.']],
    ['a cycle of two', { a: ['b'], b: ['a'] }, ['dag.a.after: The nodes form a cycle: a → b → a.']],
    [
      'a cycle with nodes before and behind it',
      { end: ['c'], a: [], b: ['a', 'd'], c: ['b'], d: ['c'] },
      ['dag.c.after: The nodes form a cycle: c → d → b → c.'],
    ],
  ])('with %s is refused, with the place', (_, parents, faults) => {
    expect(faultsOf(parents as Record<string, string[]>)).toEqual(faults);
  });

  it.each(['', '1a', 'a b', 'a.b', '__proto__', '-a', 'ä', 'a'.repeat(65)])('refuses the name %j', (name) => {
    const nodes = [{ name, node, after: [], when: 'all_success' as const }];
    expect(graphFaults(nodes, 'dag')).toMatchObject([{ path: `dag.${name}` }]);
  });

  it.each(['constructor', 'toString', 'a-b_1', 'a'.repeat(64)])('takes the name %j', (name) => {
    expect(faultsOf({ [name]: [], b: [name] })).toEqual([]);
    expect(faultsOf({ b: [name] })).toHaveLength(1);
  });

  it('refuses a node that waits for an end of nothing', () => {
    expect(faultsOf({ a: [] }, { a: 'one_failed' })).toEqual([
      'dag.a.when: "one_failed" needs nodes to come after: `after` is empty.',
    ]);
  });

  it('lists at most 100 faults, and ten names of a cycle', () => {
    const unknown = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`n${n}`, ['x']]));
    expect(faultsOf(unknown)).toHaveLength(100);
    const ring = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`n${n}`, [`n${(n + 1) % 1000}`]]));
    expect(faultsOf(ring)[0]).toMatch(/^dag\.n0\.after: The nodes form a cycle: n0 → n999 → (n\d+ → ){7}… → n0\.$/);
  });

  it('has at most 50,000 dependencies', () => {
    const names = Array.from({ length: 400 }, (_, n) => `n${n}`);
    const all = Object.fromEntries(names.map((name, n) => [name, names.slice(0, n)]));
    expect((400 * 399) / 2).toBeGreaterThan(MAX_DEPENDENCIES);
    expect(faultsOf(all)).toEqual(['dag: A graph has at most 50,000 dependencies, not 79,800.']);
  });
});

it('parents come first, whatever the order in which the nodes were given', () => {
  const Dag = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 20 }).chain((rows) => {
    const parents = rows.map((row, n) => [...new Set(n === 0 ? [] : row.map((each) => `n${each % n}`))]);
    const nodes = parents.map((after, n) => ({ name: `n${n}`, node, after, when: 'all_success' as const }));
    return fc.shuffledSubarray(nodes, { minLength: nodes.length });
  });
  fc.assert(
    fc.property(Dag, (nodes) => {
      const sorted = parentsFirst(nodes).map(({ name }) => name);
      expect(sorted.toSorted()).toEqual(nodes.map(({ name }) => name).toSorted());
      const placeOf = new Map(sorted.map((name, index) => [name, index]));
      for (const { name, after } of nodes)
        for (const parent of after) expect(placeOf.get(parent)).toBeLessThan(placeOf.get(name) ?? -1);
      expect(graphFaults(nodes, 'dag')).toEqual([]);
    }),
  );
});
