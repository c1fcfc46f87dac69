// The parents and children of a task in its workflow.
import type { Engine } from '../engine.ts';
import { Batch } from './batch.ts';

/** More are not listed: `GET /workflows/{id}` has the whole graph. */
const MAX_RELATIVES = 1000;

const PARENTS = 'SELECT parent_id AS id FROM edges WHERE child_id = ?1 ORDER BY position LIMIT ?2';
const CHILDREN = 'SELECT child_id AS id FROM edges WHERE parent_id = ?1 ORDER BY child_id LIMIT ?2';

/** Their ids: parents in the order of their positions, children in the order of their ids. */
export async function findRelatives(engine: Engine, id: string): Promise<{ parents: string[]; children: string[] }> {
  const batch = new Batch(engine);
  const parents = batch.add<{ id: string }>(PARENTS, id, MAX_RELATIVES);
  const children = batch.add<{ id: string }>(CHILDREN, id, MAX_RELATIVES);
  await batch.commit({ repeatable: true });
  return { parents: parents.rows.map((row) => row.id), children: children.rows.map((row) => row.id) };
}
