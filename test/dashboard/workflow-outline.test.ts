import { describe, expect, it } from 'vitest';
import { outlineOf, workflowNameOf } from '../../src/dashboard/workflow-outline.ts';
import { storeNode } from '../../src/engine/workflow/stored.ts';

const a = { name: 'demo.a' };
const b = { task: 'demo.b' };

describe('the outline of a workflow', () => {
  it.each([
    [{ chain: [a, b] }, 'chain of 2 parts', 'demo.a → demo.b'],
    [{ group: [a] }, 'group of 1 part', 'demo.a'],
    [
      { chord: { header: [a, { chain: [a, b] }], body: b } },
      'chord of 2 parts and a body',
      'demo.a, chain of 2 parts → demo.b',
    ],
    [{ name: 'demo.a', input: {} }, 'single task', 'demo.a'],
    [{ name: 'nightly', chain: [{ name: 'x', group: [a] }] }, 'chain of 1 part', 'group of 1 part'],
    [
      {
        dag: {
          load: { ...a, after: ['check', 'sum'] },
          check: { ...a, after: ['read'] },
          sum: { ...a, after: ['read'] },
          read: a,
        },
      },
      'graph of 4 nodes',
      'read → check, sum → load',
    ],
    [{ dag: {} }, 'graph of 0 nodes', ''],
  ])('%j', (json, kind, parts) => {
    expect(outlineOf(json)).toEqual({ kind, parts });
  });

  it('is the same for a graph that a schedule in code keeps', () => {
    const node = { kind: 'chain' as const, nodes: [] };
    const place = { node, when: 'all_success' as const };
    const graph = {
      kind: 'dag' as const,
      nodes: [
        { name: 'one', after: [], ...place },
        { name: 'two', after: ['one'], ...place },
      ],
    };
    expect(outlineOf(storeNode(graph))).toEqual({ kind: 'graph of 2 nodes', parts: 'one → two' });
  });

  it('leaves out nodes of a cycle and after an unknown node', () => {
    const dag = { first: a, again: { ...a, after: ['again'] }, lost: { ...a, after: ['nothing'] } };
    expect(outlineOf({ dag })?.parts).toBe('first');
  });

  it('counts what would be too long', () => {
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `task.number_${index}` }));
    expect(outlineOf({ group: many })?.parts).toMatch(/^task\.number_0, .*number_3, 46 more$/);
    expect(outlineOf({ chain: many })?.parts).toMatch(/number_5 → 44 more$/);
    expect(outlineOf({ chain: [{ name: 'x'.repeat(300) }] })?.parts).toHaveLength(40);
  });

  it.each([[null], [[a]], ['x'], [{}], [{ name: 1 }], [{ chord: { body: a } }]])('there is none of %j', (json) => {
    expect(outlineOf(json)).toBeUndefined();
  });
});

it('the name of a workflow is not that of its only task', () => {
  expect(workflowNameOf({ name: 'nightly', chain: [a] })).toBe('nightly');
  expect(workflowNameOf(a)).toBeUndefined();
  expect(workflowNameOf({ dag: {} })).toBeUndefined();
});
