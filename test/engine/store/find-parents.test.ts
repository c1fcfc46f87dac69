// The ends of parents, read for tasks that start together.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { findParents } from '../../../src/engine/store/find-parents.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine } from '../../support/engine.ts';

/** Children of this many parents each, and their ids. */
async function family(children: number, parents: number): Promise<string[]> {
  const ids: string[] = [];
  const { id: shared } = await aTask({ state: 'SUCCESS' });
  for (let child = 0; child < children; child++) {
    const childId = crypto.randomUUID();
    ids.push(childId);
    await env.DB.prepare(
      `INSERT INTO edges (parent_id, child_id, position, runs_on, label)
       SELECT CASE WHEN value = ?3 - 1 THEN ?4 ELSE printf('%s-%05d', ?1, value) END, ?1, value, 'any', 'p' || value
       FROM json_each(?2)`,
    )
      .bind(childId, JSON.stringify(Array.from({ length: parents }, (_, n) => n)), parents, shared)
      .run();
    await env.DB.prepare(
      `INSERT INTO tasks (id, name, queue, state, result, max_retries, created_at, due_at, wake_at, finished_at)
       SELECT printf('%s-%05d', ?1, value), 'test.parent', 'default', 'SUCCESS', value, 0, 0, 0, 0, 0 FROM json_each(?2)`,
    )
      .bind(childId, JSON.stringify(Array.from({ length: parents - 1 }, (_, n) => n)))
      .run();
  }
  return ids;
}

it.each([
  [1, 3, 1],
  [40, 3, 1],
  [3, 400, 3],
  [2, 1200, 5],
])(
  '%i tasks with %i parents each cost %i queries, and each gets its own in order',
  async (children, parents, queries) => {
    const ids = await family(children, parents);
    const engine = await makeEngine([]);
    const found = await Promise.all(ids.map((id) => findParents(engine, id)));
    for (const outcomes of found) {
      expect(outcomes).toHaveLength(parents);
      expect(outcomes.slice(0, -1).map(({ result }) => result)).toEqual(
        Array.from({ length: parents - 1 }, (_, n) => n),
      );
      expect(outcomes.at(-1)).toMatchObject({
        result: { attempt: 1 },
        label: `p${parents - 1}`,
        runsOn: 'any',
        wasNeeded: true,
      });
    }
    expect(engine.batches.flat()).toHaveLength(queries);
  },
);

it('an error of the database reaches each task that asked', async () => {
  const engine = await makeEngine([]);
  engine.db = {
    prepare: () => {
      throw new Error('no database');
    },
  } as never;
  const asked = await Promise.allSettled(['a', 'b'].map((id) => findParents(engine, id)));
  expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
