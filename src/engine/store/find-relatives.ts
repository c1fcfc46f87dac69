// Whom a task of a workflow waits for, and who waits for it.
import type { Engine } from '../engine.ts';
import { commit } from './commit.ts';

/** More are not named: `GET /workflows/{id}` has the whole graph. */
const MAX_RELATIVES = 1000;

export async function findRelatives(engine: Engine, id: string): Promise<{ parents: string[]; children: string[] }> {
  const { db } = engine;
  const [parents, children] = await commit(
    engine,
    [
      db
        .prepare('SELECT parent_id AS id FROM edges WHERE child_id = ?1 ORDER BY position LIMIT ?2')
        .bind(id, MAX_RELATIVES),
      db
        .prepare('SELECT child_id AS id FROM edges WHERE parent_id = ?1 ORDER BY child_id LIMIT ?2')
        .bind(id, MAX_RELATIVES),
    ],
    { repeatable: true },
  );
  const ids = (result: D1Result | undefined) => ((result?.results ?? []) as { id: string }[]).map((row) => row.id);
  return { parents: ids(parents), children: ids(children) };
}
