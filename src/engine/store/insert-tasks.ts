// Inserts any number of tasks in one transaction, each at most once.

import type { Receives } from '../canvas/graph.ts';
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { jsonSets } from './json-sets.ts';
import type { Payload, Task } from './rows.ts';
import { handOverKeys, type NewKey, replaceInputs, takeKeys } from './task-keys.ts';

export interface NewTask {
  id: string;
  name: string;
  queue: QueueName;
  input: Payload;
  tags: string[];
  maxRetries: number;
  /** All instants: epoch milliseconds. */
  createdAt: number;
  dueAt: number;
  wakeAt: number;
  expiresAt: number | null;
  /** Whom it shares its places with; null: nobody. */
  concurrencyKey: string | null;
  /** JSON: whom to tell of the end. */
  callback: string | null;
  keys: NewKey[];
  /** Only for a task of a workflow. */
  place?: WorkflowPlace;
}

export interface WorkflowPlace {
  workflowId: string;
  /** Parents that must end before it may start; above 0 the task begins as WAITING. */
  openParents: number;
  receives: Receives | undefined;
}

/**
 * The statements that insert `tasks`. Repeatable: a second run changes nothing. A key already held makes its task a
 * duplicate, which is not inserted; a key held for another input violates NOT NULL and aborts the whole batch.
 */
export function insertTasks(engine: Engine, tasks: readonly NewTask[], now: number): D1PreparedStatement[] {
  const [first] = tasks;
  if (!first) return [];
  const statements: D1PreparedStatement[] = [];
  const keyed = tasks.filter((task) => task.keys.length > 0);
  if (keyed.length > 0) statements.push(...takeKeys(engine, keyed, now));
  const guard = keyed.length > 0 ? OWNS_ITS_KEYS : '';
  const { name, queue, maxRetries, createdAt, dueAt, wakeAt } = first;
  for (const { json } of jsonSets(tasks.map((task) => toRow(task, first)))) {
    const insert = engine.db.prepare(`${INSERT_TASKS} ${guard} ON CONFLICT (id) DO NOTHING`);
    statements.push(insert.bind(json, name, queue, maxRetries, createdAt, dueAt, wakeAt));
  }
  if (keyed.some((task) => task.keys.some(({ replaces }) => replaces)))
    statements.push(...replaceInputs(engine, keyed));
  if (keyed.some((task) => task.keys.length > 1)) statements.push(...handOverKeys(engine, keyed));
  const tagged = tasks.filter((task) => task.tags.length > 0);
  if (tagged.length > 0) {
    const pairs = tagged.flatMap((task) => task.tags.map((tag) => JSON.stringify([tag, task.id])));
    for (const { json } of jsonSets(pairs)) statements.push(engine.db.prepare(INSERT_TAGS).bind(json));
  }
  return statements;
}

/** The task as its new row tells it. */
export function acceptedTask(task: NewTask): Task {
  return {
    ...task,
    state: 'PENDING',
    workflowId: task.place?.workflowId,
    attempts: 0,
    crashes: 0,
    error: undefined,
    progress: undefined,
    result: undefined,
    expiresAt: task.expiresAt ?? undefined,
    startedAt: undefined,
    finishedAt: undefined,
  };
}

/** Most tasks of a call are alike, so a row says only where it differs from the first one (?2 …): half the bytes. */
const INSERT_TASKS = `
  INSERT INTO tasks (id, input, name, queue, state, max_retries, created_at, due_at, wake_at, input_key, tags, expires_at,
    workflow_id, open_parents, receives, concurrency_key, callback)
  SELECT value ->> 0, value ->> 1, coalesce(value ->> 2, ?2), coalesce(value ->> 3, ?3),
         CASE WHEN value ->> 12 > 0 THEN 'WAITING' ELSE 'PENDING' END, coalesce(value ->> 4, ?4),
         ?5, coalesce(value ->> 5, ?6), coalesce(value ->> 6, ?7), value ->> 7, value ->> 8, value ->> 9,
         value ->> 11, coalesce(value ->> 12, 0), value ->> 13, value ->> 14, value ->> 15
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
  const { id, input, name, queue, maxRetries, dueAt, wakeAt, tags, expiresAt, keys, place, concurrencyKey, callback } =
    task;
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
    keys.length === 0 &&
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
    JSON.stringify(keys.map(({ key }) => key)),
    place?.workflowId ?? null,
    place?.openParents ?? 0,
    place?.receives ?? null,
    concurrencyKey,
    callback,
  ]);
}
