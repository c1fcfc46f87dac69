// Dedupe keys: takes them, hands them over, and replaces inputs by later ones. Keys are never released: a new request checks
// whether the holder has finished and, if so, takes the key over.
import type { DedupeKey, NewTask } from '../new-task.ts';
import type { QueueName } from '../queues.ts';
import type { Batch, Result } from './batch.ts';
import { timeOf } from './ids.ts';
import { jsonSets } from './json-sets.ts';

/** The constraint that a batch violates when one of its keys is held for another input. */
export const KEY_CONFLICT = 'task_keys.task_id';

/** A dedupe key and the task that holds it. */
export interface HeldKey {
  key: string;
  task_id: string;
  input_hash: string;
  /** 1: the task has not started. */
  waits: number;
  /** Of the task; null when it is gone. Instants: epoch milliseconds. */
  queue: QueueName | null;
  max_retries: number | null;
  created_at: number | null;
  due_at: number | null;
  task_expires_at: number | null;
  /** JSON arrays and objects, as in the task's row. */
  tags: string | null;
  callback: string | null;
}

const FIND_KEYS = `
  SELECT key, task_id, input_hash, coalesce(+state = 'PENDING' AND fence = 0, 0) AS waits, queue, max_retries, tags, callback,
    created_at, due_at, tasks.expires_at AS task_expires_at
  FROM task_keys LEFT JOIN tasks ON tasks.id = task_id WHERE key IN (SELECT value FROM json_each(?1))`;

/** When the holder was enqueued, epoch milliseconds. */
export function heldSince({ task_id, created_at }: HeldKey): number {
  return created_at ?? timeOf(task_id);
}

/** Adds the look-up of these keys. Returns the held ones, readable after the commit. */
export function findKeys(batch: Batch, keys: readonly string[]): () => HeldKey[] {
  const sets = jsonSets(keys.map((key) => JSON.stringify(key)));
  const found = sets.map(({ json }) => batch.add<HeldKey>(FIND_KEYS, json));
  return () => found.flatMap(({ rows }) => rows);
}

/** The holder expired before it started, or is about to: it does the work no more. */
const HOLDER_EXPIRED = `
  EXISTS (SELECT 1 FROM tasks WHERE id = task_keys.task_id AND CASE
    WHEN finished_at IS NULL THEN state <> 'STARTED' AND expires_at <= ?1
    ELSE state = 'REVOKED' AND error ->> 'code' = 'expired' END)`;

/** True when the key is free: its window has passed, its task has ended or started, or its task expired. */
const IS_FREE = `
  (task_keys.expires_at <= ?1 OR ${HOLDER_EXPIRED} OR CASE task_keys.until
    WHEN 'success' THEN EXISTS (SELECT 1 FROM tasks WHERE id = task_keys.task_id AND finished_at IS NOT NULL)
    WHEN 'start' THEN EXISTS (SELECT 1 FROM tasks WHERE id = task_keys.task_id AND (fence > 0 OR finished_at IS NOT NULL))
    ELSE 0 END)`;

/** False for a repeated request: another task holds its idempotency key, so it takes no other key. */
const IS_NEW = `
  NOT EXISTS (SELECT 1 FROM task_keys AS first WHERE first.key = value ->> 5 AND first.task_id <> value ->> 1)`;

/** A free key changes hands; a held one stays; one held for another input becomes NULL, which violates KEY_CONFLICT. */
const TAKE_KEYS = `
  INSERT INTO task_keys (key, task_id, input_hash, expires_at, until)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2) WHERE ${IS_NEW}
  ON CONFLICT (key) DO UPDATE SET
    task_id = CASE WHEN ${IS_FREE} THEN excluded.task_id ELSE NULL END,
    input_hash = excluded.input_hash, expires_at = excluded.expires_at, until = excluded.until
  WHERE ${IS_FREE} OR (excluded.input_hash <> '' AND excluded.input_hash NOT LIKE '=%' AND input_hash <> excluded.input_hash)`;

/** Idempotency keys come first: they say which requests are repeats, and repeats take no other key. */
export function takeKeys(batch: Batch, tasks: readonly NewTask[], now: number): void {
  const rowsOf = (first: boolean) =>
    tasks.flatMap((task) =>
      task.dedupeKeys
        .filter((key) => isIdempotency(key) === first)
        .map(({ key, inputHash, expiresAt, until }) =>
          JSON.stringify([key, task.id, inputHash, expiresAt, until, first ? null : idempotencyOf(task)]),
        ),
    );
  const sets = [...jsonSets(rowsOf(true)), ...jsonSets(rowsOf(false))];
  for (const { json } of sets) batch.add(TAKE_KEYS, now, json);
}

function isIdempotency({ key }: DedupeKey): boolean {
  return key.startsWith('idempotency:');
}

function idempotencyOf({ dedupeKeys }: NewTask): string | null {
  return dedupeKeys.find(isIdempotency)?.key ?? null;
}

/** Tasks that have not started and hold a key under which a later one (`late`) replaces their input. */
const replacedBy = (held: string) => `
  tasks.id = ${held}.task_id AND ${held}.task_id <> late.value ->> 1 AND +tasks.state = 'PENDING' AND tasks.fence = 0
  AND NOT EXISTS (SELECT 1 FROM task_keys AS first WHERE first.key = late.value ->> 8 AND first.task_id <> late.value ->> 1)`;
const REPLACED = replacedBy('held');

const REPLACED_TASKS = `
  FROM json_each(?1) AS late CROSS JOIN task_keys AS held ON held.key = late.value ->> 0 CROSS JOIN tasks ON ${REPLACED}`;

/** Large inputs that no task will name any more. */
const REPLACED_PAYLOADS = `
  SELECT tasks.input_key AS payloadKey ${REPLACED_TASKS} WHERE tasks.input_key IS NOT NULL`;

const DELETE_TAGS = `
  DELETE FROM task_tags WHERE (tag, task_id) IN (
    SELECT tag.value, replaced.id FROM (SELECT tasks.id, tasks.tags ${REPLACED_TASKS}) AS replaced, json_each(replaced.tags) AS tag)`;

const INSERT_TAGS = `
  INSERT INTO task_tags (tag, task_id)
  SELECT tag.value, replaced.id
  FROM (SELECT tasks.id, late.value ->> 9 AS tags ${REPLACED_TASKS}) AS replaced, json_each(replaced.tags) AS tag WHERE true
  ON CONFLICT DO NOTHING`;

/** Debounces: the latest request wins with all that it asks for, and the wait begins anew. */
const REPLACE = `
  UPDATE tasks SET input = late.value ->> 2, input_key = late.value ->> 3, due_at = late.value ->> 4, wake_at = late.value ->> 5,
    expires_at = late.value ->> 6, concurrency_key = late.value ->> 7, tags = late.value ->> 9,
    max_retries = late.value ->> 10, callback = late.value ->> 11, queue = late.value ->> 12, paced_from = NULL
  FROM json_each(?1) AS late JOIN task_keys AS held ON held.key = late.value ->> 0
  WHERE ${REPLACED}`;

/** The holder has the input of the latest request from now on. */
const REHASH = `
  UPDATE task_keys SET input_hash = late.value ->> 13 FROM json_each(?1) AS late, tasks
  WHERE task_keys.key = late.value ->> 0 AND ${replacedBy('task_keys')}`;

/** Replaces tasks that have not started. Returns the payload keys of their inputs, readable after the commit. */
export function replaceTasks(batch: Batch, tasks: readonly NewTask[]): () => string[] {
  const latest = new Map<string, string>();
  for (const task of tasks) {
    for (const held of task.dedupeKeys) if (held.replaces) latest.set(held.key, toReplacement(held, task));
  }
  const replaced: Result<{ payloadKey: string }>[] = [];
  for (const { json } of jsonSets([...latest.values()])) {
    replaced.push(batch.add(REPLACED_PAYLOADS, json));
    batch.add(DELETE_TAGS, json);
    batch.add(INSERT_TAGS, json);
    batch.add(REHASH, json);
    batch.add(REPLACE, json);
  }
  return () => replaced.flatMap(({ rows }) => rows.map(({ payloadKey }) => payloadKey));
}

function toReplacement({ key, inputHash }: DedupeKey, task: NewTask): string {
  const { id, input, dueAt, wakeAt, expiresAt, concurrencyKey, tags, maxRetries, callback, queue } = task;
  const payload = 'json' in input ? [input.json, null] : [null, input.key];
  const times = [dueAt, wakeAt, expiresAt];
  const rest = [tags.length > 0 ? JSON.stringify(tags) : null, maxRetries, callback, queue, inputHash];
  return JSON.stringify([key, id, ...payload, ...times, concurrencyKey, idempotencyOf(task), ...rest]);
}

/** A duplicate is not inserted; its idempotency key names the task that stands in for it from now on. */
const HAND_OVER_KEYS = `
  UPDATE task_keys SET task_id = (
    SELECT held.task_id FROM json_each(?1) AS given CROSS JOIN task_keys AS held ON held.key = given.value ->> 1
    WHERE given.value ->> 0 = task_keys.task_id AND held.task_id <> task_keys.task_id LIMIT 1)
  WHERE task_id IN (SELECT value ->> 0 FROM json_each(?1)) AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = task_keys.task_id)
    AND EXISTS (
      SELECT 1 FROM json_each(?1) AS given CROSS JOIN task_keys AS held ON held.key = given.value ->> 1
      WHERE given.value ->> 0 = task_keys.task_id AND held.task_id <> task_keys.task_id)`;

export function handOverKeys(batch: Batch, tasks: readonly NewTask[]): void {
  const pairs = tasks
    .filter(({ dedupeKeys }) => dedupeKeys.length > 1)
    .flatMap(({ id, dedupeKeys }) => dedupeKeys.map(({ key }) => JSON.stringify([id, key])));
  for (const { json } of jsonSets(pairs)) batch.add(HAND_OVER_KEYS, json);
}
