// Who holds which idempotency and unique key: taking them, handing them over, and what the latest input replaces. Nobody
// frees a key: who wants one that is held looks at its holder.
import type { Engine } from '../engine.ts';
import type { NewTask } from './insert-tasks.ts';
import { jsonSets } from './json-sets.ts';

export interface NewKey {
  key: string;
  /** '' where any input is the same task. */
  inputHash: string;
  expiresAt: number;
  /** Until its task has ended (`success`), has started, or the time is up. */
  until: 'success' | 'start' | 'forever';
  /** A holder that has not started takes over the input and the due time of who comes later. */
  replaces: boolean;
}

/** Who holds a key. */
export interface HeldKey {
  key: string;
  task_id: string;
  input_hash: string;
  /** 1: its task has not started yet. */
  waits: number;
}

const FIND_KEYS = `
  SELECT key, task_id, input_hash,
         EXISTS (SELECT 1 FROM tasks WHERE id = task_id AND +state = 'PENDING' AND fence = 0) AS waits
  FROM task_keys WHERE key IN (SELECT value FROM json_each(?1))`;

/** Who holds these keys: rows of HeldKey. */
export function findKeys(engine: Engine, keys: readonly string[]): D1PreparedStatement[] {
  return jsonSets(keys.map((key) => JSON.stringify(key))).map(({ json }) => engine.db.prepare(FIND_KEYS).bind(json));
}

/** Is the holder's time up? Its task may have ended, or started, before the key's window did. */
const IS_FREE = `
  (task_keys.expires_at <= ?1 OR CASE task_keys.until
    WHEN 'success' THEN EXISTS (SELECT 1 FROM tasks WHERE id = task_keys.task_id AND finished_at IS NOT NULL)
    WHEN 'start' THEN EXISTS (SELECT 1 FROM tasks WHERE id = task_keys.task_id AND (fence > 0 OR finished_at IS NOT NULL))
    ELSE 0 END)`;

/** A request whose idempotency key is another's is a repeat: it wants nothing more. */
const IS_NEW = `
  NOT EXISTS (SELECT 1 FROM task_keys AS first WHERE first.key = value ->> 5 AND first.task_id <> value ->> 1)`;

/** A free key changes hands; a held one stays; one held for another input becomes NULL, which aborts. */
const TAKE_KEYS = `
  INSERT INTO task_keys (key, task_id, input_hash, expires_at, until)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?2) WHERE ${IS_NEW}
  ON CONFLICT (key) DO UPDATE SET
    task_id = CASE WHEN ${IS_FREE} THEN excluded.task_id ELSE NULL END,
    input_hash = excluded.input_hash, expires_at = excluded.expires_at, until = excluded.until
  WHERE ${IS_FREE} OR (excluded.input_hash <> '' AND input_hash <> excluded.input_hash)`;

/** Idempotency keys first: they say which requests are repeats, for those the other keys are left alone. */
export function takeKeys(engine: Engine, tasks: readonly NewTask[], now: number): D1PreparedStatement[] {
  const rowsOf = (first: boolean) =>
    tasks.flatMap((task) =>
      task.keys
        .filter((key) => isIdempotency(key) === first)
        .map(({ key, inputHash, expiresAt, until }) =>
          JSON.stringify([key, task.id, inputHash, expiresAt, until, first ? null : idempotencyOf(task)]),
        ),
    );
  const sets = [...jsonSets(rowsOf(true)), ...jsonSets(rowsOf(false))];
  return sets.map(({ json }) => engine.db.prepare(TAKE_KEYS).bind(now, json));
}

function isIdempotency({ key }: NewKey): boolean {
  return key.startsWith('idempotency:');
}

function idempotencyOf({ keys }: NewTask): string | null {
  return keys.find(isIdempotency)?.key ?? null;
}

/** Tasks that have not started, and hold a key that a later one (`late`) replaces them under. */
const REPLACED = `
  tasks.id = held.task_id AND held.task_id <> late.value ->> 1 AND +tasks.state = 'PENDING' AND tasks.fence = 0
  AND NOT EXISTS (SELECT 1 FROM task_keys AS first WHERE first.key = late.value ->> 8 AND first.task_id <> late.value ->> 1)`;

/** Large inputs that nothing will name any more. */
const REPLACED_PAYLOADS = `
  SELECT tasks.input_key AS replacedPayload
  FROM json_each(?1) AS late CROSS JOIN task_keys AS held ON held.key = late.value ->> 0 CROSS JOIN tasks ON ${REPLACED}
  WHERE tasks.input_key IS NOT NULL`;

/** The latest input wins, and the wait begins anew: what a debounced task is. */
const REPLACE_INPUTS = `
  UPDATE tasks SET input = late.value ->> 2, input_key = late.value ->> 3, due_at = late.value ->> 4, wake_at = late.value ->> 5,
    expires_at = late.value ->> 6, concurrency_key = late.value ->> 7
  FROM json_each(?1) AS late JOIN task_keys AS held ON held.key = late.value ->> 0
  WHERE ${REPLACED}`;

/** The payloads that a batch with `insertTasks` left without a task. */
export function replacedPayloads(results: readonly D1Result[]): string[] {
  const rows = results.flatMap((result) => (result.results ?? []) as { replacedPayload?: string }[]);
  return rows.flatMap(({ replacedPayload }) => replacedPayload ?? []);
}

export function replaceInputs(engine: Engine, tasks: readonly NewTask[]): D1PreparedStatement[] {
  const latest = new Map<string, string>();
  for (const task of tasks) {
    const { id, input, dueAt, wakeAt, expiresAt, concurrencyKey, keys } = task;
    const payload = 'json' in input ? [input.json, null] : [null, input.key];
    for (const { key, replaces } of keys) {
      const row = [key, id, ...payload, dueAt, wakeAt, expiresAt, concurrencyKey, idempotencyOf(task)];
      if (replaces) latest.set(key, JSON.stringify(row));
    }
  }
  return jsonSets([...latest.values()]).flatMap(({ json }) => [
    engine.db.prepare(REPLACED_PAYLOADS).bind(json),
    engine.db.prepare(REPLACE_INPUTS).bind(json),
  ]);
}

/** A task that another stands in for is not inserted; its idempotency key names the other from now on. */
const HAND_OVER_KEYS = `
  UPDATE task_keys SET task_id = (
    SELECT held.task_id FROM json_each(?1) AS given CROSS JOIN task_keys AS held ON held.key = given.value ->> 1
    WHERE given.value ->> 0 = task_keys.task_id AND held.task_id <> task_keys.task_id LIMIT 1)
  WHERE task_id IN (SELECT value ->> 0 FROM json_each(?1)) AND NOT EXISTS (SELECT 1 FROM tasks WHERE tasks.id = task_keys.task_id)
    AND EXISTS (
      SELECT 1 FROM json_each(?1) AS given CROSS JOIN task_keys AS held ON held.key = given.value ->> 1
      WHERE given.value ->> 0 = task_keys.task_id AND held.task_id <> task_keys.task_id)`;

export function handOverKeys(engine: Engine, tasks: readonly NewTask[]): D1PreparedStatement[] {
  const pairs = tasks
    .filter(({ keys }) => keys.length > 1)
    .flatMap(({ id, keys }) => keys.map(({ key }) => JSON.stringify([id, key])));
  return jsonSets(pairs).map(({ json }) => engine.db.prepare(HAND_OVER_KEYS).bind(json));
}
