// What became of the tasks with a tag, by name: for a digest.
import type { Engine } from '../engine.ts';
import { commit } from './commit.ts';
import { firstId } from './ids.ts';
import type { TaskError } from './rows.ts';

export interface TagSummary {
  byName: { name: string; succeeded: number; failed: number; revoked: number }[];
  /** Newest first, at most 10. `at`: epoch milliseconds. */
  failures: { id: string; name: string; message: string; at: number }[];
}

/** Tasks beyond so many are not looked at. */
const MAX_TASKS = 10_000;
const MAX_FAILURES = 10;

/** Enqueued in the span; the newest first. */
const TAGGED = `
  SELECT task_id FROM task_tags WHERE tag = ?1 AND task_id >= ?2 AND task_id < ?3 ORDER BY task_id DESC LIMIT ${MAX_TASKS}`;

const BY_NAME = `
  SELECT name, sum(state = 'SUCCESS') AS succeeded, sum(state = 'FAILURE') AS failed, sum(state = 'REVOKED') AS revoked
  FROM (${TAGGED}) AS tagged CROSS JOIN tasks ON tasks.id = tagged.task_id
  WHERE finished_at IS NOT NULL GROUP BY name ORDER BY count(*) DESC`;

const FAILURES = `
  SELECT tasks.id, name, error, finished_at AS at FROM (${TAGGED}) AS tagged CROSS JOIN tasks ON tasks.id = tagged.task_id
  WHERE +state = 'FAILURE' ORDER BY tasks.id DESC LIMIT ${MAX_FAILURES}`;

/** Of the tasks enqueued from `since` until before `until` (epoch milliseconds), those that have ended. */
export async function summariseTag(engine: Engine, tag: string, since: number, until: number): Promise<TagSummary> {
  const parameters = [tag, firstId(since), firstId(until)];
  const [names, failed] = await commit(
    engine,
    [engine.db.prepare(BY_NAME).bind(...parameters), engine.db.prepare(FAILURES).bind(...parameters)],
    { repeatable: true },
  );
  const failures = (failed?.results ?? []) as { id: string; name: string; error: string | null; at: number }[];
  return {
    byName: (names?.results ?? []) as TagSummary['byName'],
    failures: failures.map(({ error, ...task }) => ({
      ...task,
      message: error === null ? '' : (JSON.parse(error) as TaskError).message,
    })),
  };
}
