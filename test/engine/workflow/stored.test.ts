// A workflow as JSON, and back.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, dag, defineTask, group } from '../../../src/engine/index.ts';
import { readNode, type StoredNode, storeNode } from '../../../src/engine/workflow/stored.ts';

const step = defineTask({ name: 'test.step', input: z.looseObject({}), output: z.looseObject({}), run: () => ({}) });
const find = (name: string) => (name === step.name ? step : undefined);
const there = (node: StoredNode) => readNode(find, JSON.parse(JSON.stringify(node)) as StoredNode);

it('every kind of part is the same after it was stored', () => {
  const eta = new Date('2027-01-01T00:00:00Z');
  const optional = { ...step.s().node, options: { eta, expires: eta, maxRetries: 2, tags: ['a'] } };
  const part = chain(
    step
      .s({ a: 1 })
      .link(step.s())
      .linkError(step.si({ b: 2 })),
    group([step.s(), step.si({})]),
    chord([step.s()], step.s(), { onChildFailure: 'continue' }),
    dag({ x: step.s(), y: { run: step.s(), after: ['x'], when: 'all_done' } }),
  );
  for (const node of [part.node, optional]) expect(there(storeNode(node))).toEqual(node);
  const seconds = { ...step.s().node, options: { expires: 60 } };
  expect(there(storeNode(seconds))).toEqual(seconds);
});

it('a task that this deployment does not have is refused', () => {
  expect(() => readNode(find, { chain: [{ name: 'test.gone' }] })).toThrow('no task is named "test.gone"');
});
