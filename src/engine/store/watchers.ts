// Does anybody watch? Asked as one more statement of a batch that is made anyway, so it costs no round trip, and while
// the table is empty no row. Only what was committed is published.
import type { Engine, LiveEvent } from '../engine.ts';
import { publishLive } from '../events.ts';
import { commit } from './commit.ts';

const WATCHED = 'SELECT 1 AS watched FROM watchers WHERE until > ?1 LIMIT 1';

/**
 * `commit`, and what `eventsOf` makes of its results is published if somebody watches. The question comes last: other
 * statements count on what stands right before them. Throws EngineError `store_unavailable`.
 */
export async function commitWatched(
  engine: Engine,
  statements: D1PreparedStatement[],
  options: { repeatable: boolean },
  eventsOf: (results: readonly D1Result[]) => LiveEvent[],
): Promise<D1Result[]> {
  if (!engine.publish) return commit(engine, statements, options);
  const question = engine.db.prepare(WATCHED).bind(engine.clock.now());
  const results = await commit(engine, [...statements, question], options);
  const watched = results.pop()?.results ?? [];
  if (watched.length > 0) publishLive(engine, eventsOf(results));
  return results;
}
