// Inserts any number of tasks in one transaction, each at most once.
import type { NewTask } from '../new-task.ts';
import type { Task } from '../task.ts';
import type { Batch } from './batch.ts';
import { handOverKeys, replaceTasks, takeKeys } from './dedupe-keys.ts';
import { jsonSets } from './json-sets.ts';
import { firstWake } from './wake-marks.ts';

/** What the batch did beside inserting. Readable after its commit. */
export interface Inserted {
  /** Payload keys of large inputs that later inputs replaced: no task names them any more. */
  replacedPayloads(): string[];
}

/**
 * Adds the statements that insert `tasks`. Repeatable: a second run changes nothing. When another task holds one of a task's
 * dedupe keys, the task is a duplicate and is not inserted. A key held for another input violates `KEY_CONFLICT` and aborts
 * the whole batch.
 */
export function insertTasks(batch: Batch, tasks: readonly NewTask[], now: number): Inserted {
  const [first] = tasks;
  if (!first) return { replacedPayloads: () => [] };
  const keyed = tasks.filter((task) => task.dedupeKeys.length > 0);
  takeKeys(batch, keyed, now);
  const guard = keyed.length > 0 ? OWNS_ITS_KEYS : '';
  const { name, queue, maxRetries, createdAt, dueAt, wakeAt } = first;
  for (const { json } of jsonSets(tasks.map((task) => toRow(task, first)))) {
    const sql = `${INSERT_TASKS} ${guard} ON CONFLICT (id) DO NOTHING`;
    batch.add(sql, json, name, queue, maxRetries, createdAt, dueAt, wakeAt, now);
  }
  const replacedPayloads = replaceTasks(batch, keyed);
  handOverKeys(batch, keyed);
  const pairs = tasks.flatMap((task) => task.tags.map((tag) => JSON.stringify([tag, task.id])));
  for (const { json } of jsonSets(pairs)) batch.add(INSERT_TAGS, json);
  return { replacedPayloads };
}

/** The task that its new row holds. `started`: the call itself has started it. */
export function acceptedTask(task: NewTask, started?: Pick<Task, 'startedAt' | 'version'>): Task {
  return {
    ...task,
    state: started ? 'STARTED' : 'PENDING',
    workflowId: task.place?.workflowId,
    attempts: started ? 1 : 0,
    crashes: 0,
    error: undefined,
    progress: undefined,
    result: undefined,
    undoing: undefined,
    forkedFrom: undefined,
    expiresAt: task.expiresAt ?? undefined,
    startedAt: started?.startedAt,
    finishedAt: undefined,
    version: started?.version,
  };
}

const WAKE_AT = firstWake({
  id: 'value ->> 0',
  queue: 'value ->> 3',
  usualQueue: '?3',
  dueAt: 'coalesce(value ->> 5, ?6)',
  wakeAt: 'coalesce(value ->> 6, ?7)',
  now: '?8',
});

/** Most tasks of a call are alike, so a row holds only what differs from the first one (?2 …): half the bytes. */
const INSERT_TASKS = `
  INSERT INTO tasks (id, input, name, queue, state, max_retries, created_at, due_at, wake_at, input_key, tags, expires_at,
    workflow_id, open_parents, receives, concurrency_key, callback, events_before)
  SELECT value ->> 0, value ->> 1, coalesce(value ->> 2, ?2), coalesce(value ->> 3, ?3),
         CASE WHEN value ->> 12 > 0 THEN 'WAITING' ELSE 'PENDING' END, coalesce(value ->> 4, ?4),
         ?5, coalesce(value ->> 5, ?6), ${WAKE_AT}, value ->> 7, value ->> 8, value ->> 9,
         value ->> 11, coalesce(value ->> 12, 0), value ->> 13, value ->> 14, value ->> 15,
         coalesce((SELECT last FROM event_order), 0)
  FROM json_each(?1) WHERE true`;

/** A task without keys passes; one with keys must hold each of them. */
const OWNS_ITS_KEYS = `
  AND NOT EXISTS (
    SELECT 1 FROM json_each(coalesce(json_each.value ->> 10, '[]')) AS wanted JOIN task_keys AS held ON held.key = wanted.value
    WHERE held.task_id <> json_each.value ->> 0)`;

const INSERT_TAGS = `
  INSERT INTO task_tags (tag, task_id)
  SELECT value ->> 0, value ->> 1 FROM json_each(?1)
  WHERE EXISTS (SELECT 1 FROM tasks WHERE id = value ->> 1)
  ON CONFLICT DO NOTHING`;

function toRow(task: NewTask, first: NewTask): string {
  const { id, input, name, queue, maxRetries, dueAt, wakeAt, tags, expiresAt, dedupeKeys, place } = task;
  const { concurrencyKey, callback } = task;
  const inline = 'json' in input ? input.json : null;
  const alike =
    name === first.name &&
    queue === first.queue &&
    maxRetries === first.maxRetries &&
    dueAt === first.dueAt &&
    wakeAt === first.wakeAt;
  const plain =
    !place &&
    tags.length === 0 &&
    expiresAt === null &&
    dedupeKeys.length === 0 &&
    concurrencyKey === null &&
    callback === null;
  if (alike && plain && inline !== null) return JSON.stringify([id, inline]);
  return JSON.stringify([
    id,
    inline,
    name,
    queue,
    maxRetries,
    dueAt,
    wakeAt,
    'key' in input ? input.key : null,
    tags.length > 0 ? JSON.stringify(tags) : null,
    expiresAt,
    JSON.stringify(dedupeKeys.map(({ key }) => key)),
    place?.workflowId ?? null,
    place?.openParents ?? 0,
    place?.receives ?? null,
    concurrencyKey,
    callback,
  ]);
}
