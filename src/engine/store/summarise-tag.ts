// How the tasks with a tag ended, by name: for a digest.
import type { Engine } from '../engine.ts';
import type { TagSummary, TaskError } from '../task.ts';
import { Batch } from './batch.ts';
import { firstId } from './ids.ts';

/** Older tasks with the tag are not counted. */
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
  const values = [tag, firstId(since), firstId(until)];
  const batch = new Batch(engine);
  const byName = batch.add<TagSummary['byName'][number]>(BY_NAME, ...values);
  const failures = batch.add<{ id: string; name: string; error: string | null; at: number }>(FAILURES, ...values);
  await batch.commit({ repeatable: true });
  return {
    byName: byName.rows,
    failures: failures.rows.map(({ error, ...task }) => ({
      ...task,
      message: error === null ? '' : (JSON.parse(error) as TaskError).message,
    })),
  };
}
