// validate → insert → ring. The promise resolves after the rows are committed; the ring follows in the background and may
// fail without harm. All or none: one bad request refuses the whole call.
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import type { Engine } from './engine.ts';
import { dueTime, EnqueueOptions, expiryTime } from './enqueue-options.ts';
import { EngineError, type Issue } from './errors.ts';
import { checkIn, exceeds } from './payloads.ts';
import type { QueueName } from './queues.ts';
import { announce, wakeTime } from './ring.ts';
import { commit, read } from './store/commit.ts';
import { findKeys, insertTasks, type NewKey, type NewTask } from './store/insert-tasks.ts';
import type { AnyDefinition } from './task.ts';

/** One task to enqueue. */
export interface Request {
  definition: AnyDefinition;
  input: unknown;
  options?: EnqueueOptions;
  /** The rest of the input will come from the task's parents: only what is given is checked. */
  partial?: boolean;
}

/** What the caller gets for it. */
export interface Receipt {
  taskId: string;
  /** An earlier task with the same idempotency or unique key stands in for this one. */
  duplicate: boolean;
  /** What was accepted, for `acceptedTask()`; absent for a duplicate, whose task may be anywhere in its life by now. */
  accepted?: NewTask;
}

export interface EnqueueTogether {
  /** Committed in the same transaction as the tasks: all or none (a transactional outbox). A violated constraint is thrown as D1 throws it. */
  alongside?: D1PreparedStatement[];
  /** Prepended to the paths of issues, to say which part of a larger request is meant. */
  path?: (index: number) => string;
}

export const MAX_TASKS_PER_CALL = 10_000;
/** How long an idempotency key is remembered, as Stripe and Resend do. */
const IDEMPOTENCY_SECONDS = 86_400;
const MAX_ISSUES = 100;

/**
 * Enqueues up to 10,000 tasks in one transaction. Receipts come in the order of the requests.
 * Throws EngineError `invalid_input`, `invalid_options`, `input_too_large`, `too_many_tasks`, `idempotency_conflict`,
 * `store_unavailable`; then nothing was enqueued.
 */
export async function enqueue(
  engine: Engine,
  requests: readonly Request[],
  together: EnqueueTogether = {},
): Promise<Receipt[]> {
  if (requests.length > MAX_TASKS_PER_CALL) {
    throw new EngineError('too_many_tasks', `${requests.length} tasks in one call; at most ${MAX_TASKS_PER_CALL}`);
  }
  const prepared = await prepareTasks(engine, requests, together.path);
  const receipts = await insert(engine, prepared, { alongside: together.alongside ?? [] });
  const fresh = prepared.filter((_, index) => !receipts[index]?.duplicate);
  await announce(engine, fresh);
  const left = prepared.filter(({ input }, index) => 'key' in input && receipts[index]?.duplicate);
  if (left.length > 0) await engine.payloads.delete(left.flatMap(({ input }) => ('key' in input ? [input.key] : [])));
  return receipts;
}

/** Validates, and makes the rows to insert. Large inputs are already checked in when it resolves. */
export async function prepareTasks(
  engine: Engine,
  requests: readonly Request[],
  path: (index: number) => string = () => '',
): Promise<NewTask[]> {
  const now = engine.clock.now();
  const inputs = validate(engine, requests, path);
  const tasks: NewTask[] = [];
  for (const [index, { definition, options = {} }] of requests.entries()) {
    const json = inputs[index] ?? 'null';
    const id = uuidv7();
    const dueAt = dueTime(options, now);
    tasks.push({
      id,
      name: definition.name,
      queue: laneOf(definition, options),
      input: await checkIn(engine, id, 'input', json),
      tags: [...new Set(options.tags)],
      maxRetries: options.maxRetries ?? definition.maxRetries,
      createdAt: now,
      dueAt,
      wakeAt: wakeTime(engine, dueAt, now),
      expiresAt: expiryTime(options, now),
      keys: needsKeys(definition, options) ? await keysOf(definition, json, options, now) : [],
    });
  }
  return tasks;
}

/** Commits the tasks with `alongside`; `after` runs last in the same batch and its results are returned through `onResults`. */
export async function insert(
  engine: Engine,
  tasks: readonly NewTask[],
  { alongside = [], after = [], onResults }: InsertOptions = {},
): Promise<Receipt[]> {
  if (tasks.length === 0) return [];
  const keys = [...new Set(tasks.flatMap((task) => task.keys.map(({ key }) => key)))];
  const statements = [...alongside, ...insertTasks(engine, tasks, engine.clock.now()), ...after];
  if (keys.length > 0) statements.push(findKeys(engine, keys));
  try {
    const repeatable = alongside.length === 0 && after.length === 0;
    const results = await commit(engine, statements, { repeatable });
    onResults?.(results.slice(statements.length - after.length - (keys.length > 0 ? 1 : 0)));
    const held = keys.length > 0 ? ((results.at(-1)?.results ?? []) as HeldKey[]) : [];
    return receiptsOf(tasks, held);
  } catch (error) {
    if (error instanceof EngineError) throw error; // unclear whether it was committed: its payloads must stay
    await engine.payloads.delete(tasks.flatMap(({ input }) => ('key' in input ? [input.key] : [])));
    if (error instanceof Error && /task_keys\.task_id/.test(error.message)) throw await conflictOf(engine, tasks, keys);
    throw error;
  }
}

interface InsertOptions {
  alongside?: D1PreparedStatement[];
  after?: D1PreparedStatement[];
  onResults?: (results: D1Result[]) => void;
}

interface HeldKey {
  key: string;
  task_id: string;
  input_hash: string;
}

function receiptsOf(tasks: readonly NewTask[], held: readonly HeldKey[]): Receipt[] {
  const holder = new Map(held.map(({ key, task_id }) => [key, task_id]));
  return tasks.map((accepted) => {
    const other = accepted.keys.map(({ key }) => holder.get(key)).find((id) => id !== undefined && id !== accepted.id);
    return other === undefined
      ? { taskId: accepted.id, duplicate: false, accepted }
      : { taskId: other, duplicate: true };
  });
}

async function conflictOf(engine: Engine, tasks: readonly NewTask[], keys: string[]): Promise<EngineError> {
  const held = new Map((await read<HeldKey>(engine, findKeys(engine, keys))).map((row) => [row.key, row]));
  const wanted = tasks.flatMap((task) => task.keys);
  const first = wanted.find(({ key, inputHash }) => held.has(key) && held.get(key)?.input_hash !== inputHash);
  const key = (first ?? wanted[0])?.key.replace(/^idempotency:/, '');
  const holder = first && held.get(first.key)?.task_id;
  const who = holder ? `by task ${holder}` : 'twice in this call';
  return new EngineError('idempotency_conflict', `idempotency key "${key}" was used ${who} with another input`);
}

/** The JSON texts of all inputs; throws with every issue found (at most 100). */
function validate(engine: Engine, requests: readonly Request[], path: (index: number) => string): string[] {
  const issues: Issue[] = [];
  const texts: string[] = [];
  for (const [index, { definition, input, options, partial = false }] of requests.entries()) {
    const json = JSON.stringify(input) ?? 'null';
    texts.push(json);
    if (exceeds(json, engine.settings.maxPayloadBytes)) {
      const limit = `${engine.settings.maxPayloadBytes} bytes`;
      throw new EngineError('input_too_large', `${path(index) || 'the input'} is larger than ${limit}`);
    }
    // What is checked is what will be stored and read again, not the value as it is in memory here.
    const parsed = schemaOf(definition, partial).safeParse(JSON.parse(json));
    if (!parsed.success) issues.push(...issuesOf(parsed.error, [path(index), 'input']));
    const checked = options && EnqueueOptions.safeParse(options);
    if (checked && !checked.success) {
      throw new EngineError(
        'invalid_options',
        'the options are not valid',
        issuesOf(checked.error, [path(index), 'options']),
      );
    }
    if (issues.length >= MAX_ISSUES) break;
  }
  if (issues.length > 0) throw new EngineError('invalid_input', 'the input is not valid', issues.slice(0, MAX_ISSUES));
  return texts;
}

/** The input's schema; for a part of the input the same with nothing required, where the schema allows that. */
function schemaOf({ input }: AnyDefinition, partial: boolean): z.ZodType {
  if (!partial) return input;
  const refined = input instanceof z.ZodObject && (input.def.checks?.length ?? 0) > 0;
  return input instanceof z.ZodObject && !refined ? input.partial() : z.unknown();
}

function issuesOf(error: z.ZodError, prefix: string[]): Issue[] {
  return error.issues.map(({ path, message }) => ({
    path: [...prefix, ...path].filter((p) => p !== '').join('.'),
    message,
  }));
}

function laneOf(definition: AnyDefinition, options: EnqueueOptions): QueueName {
  return options.queue ?? options.priority ?? definition.queue;
}

function needsKeys(definition: AnyDefinition, { idempotencyKey, uniqueFor }: EnqueueOptions): boolean {
  return idempotencyKey !== undefined || uniqueFor !== undefined || definition.unique !== undefined;
}

async function keysOf(
  definition: AnyDefinition,
  json: string,
  { idempotencyKey, uniqueFor }: EnqueueOptions,
  now: number,
): Promise<NewKey[]> {
  const keys: NewKey[] = [];
  const input: unknown = JSON.parse(json);
  const inputHash = await sha256(`${definition.name} ${canonical(input)}`);
  if (idempotencyKey !== undefined) {
    keys.push({ key: `idempotency:${idempotencyKey}`, inputHash, expiresAt: now + IDEMPOTENCY_SECONDS * 1000 });
  }
  const seconds = uniqueFor ?? definition.unique?.forSeconds;
  if (seconds !== undefined) {
    const key = definition.unique?.key?.(definition.input.parse(input)) ?? inputHash;
    keys.push({ key: `unique:${definition.name}:${key}`, inputHash: '', expiresAt: now + seconds * 1000 });
  }
  return keys;
}

/** JSON with sorted keys, so that equal inputs have equal hashes. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
