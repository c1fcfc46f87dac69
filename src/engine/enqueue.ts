// validate → insert → ring. The promise resolves after the rows are committed; the ring follows in the background and may
// fail without harm. All or none: one bad request refuses the whole call.
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { refuseBacklog } from './limits/backlog.ts';
import { prepareTasks, type Request } from './prepare-tasks.ts';
import { announce } from './ring.ts';
import { commit } from './store/commit.ts';
import { insertTasks, type NewTask } from './store/insert-tasks.ts';
import { findKeys, type HeldKey, replacedPayloads } from './store/task-keys.ts';

/** What the caller gets for it. */
export interface Receipt {
  taskId: string;
  /** An earlier task with the same idempotency or unique key stands in for this one. */
  duplicate: boolean;
  /** That task had not started and took over the input and the due time of this one. */
  replaced?: boolean;
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

/**
 * Enqueues up to 10,000 tasks in one transaction. Receipts come in the order of the requests.
 * Throws EngineError `invalid_input`, `invalid_options`, `input_too_large`, `too_many_tasks`, `idempotency_conflict`,
 * `unique_conflict`, `backlog_full`, `store_unavailable`; then nothing was enqueued.
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
  await refuseBacklog(engine, prepared);
  const receipts = await insert(engine, prepared, { alongside: together.alongside ?? [] });
  await announce(
    engine,
    prepared.flatMap((task, index) => {
      const { taskId, duplicate, replaced } = receipts[index] as Receipt;
      return duplicate && !replaced ? [] : [{ ...task, id: taskId, fresh: task.dueAt <= task.createdAt }];
    }),
  );
  const left = prepared.filter((_, index) => receipts[index]?.duplicate && !receipts[index]?.replaced);
  await deletePayloads(engine, left);
  return receipts;
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
  const looks = findKeys(engine, keys);
  statements.push(...looks);
  try {
    const repeatable = alongside.length === 0 && after.length === 0;
    const results = await commit(engine, statements, { repeatable });
    const replaced = replacedPayloads(results);
    if (replaced.length > 0) await engine.payloads.delete(replaced);
    onResults?.(results.slice(statements.length - after.length - looks.length));
    const held = results.slice(statements.length - looks.length).flatMap(({ results: rows }) => rows as HeldKey[]);
    return receiptsOf(tasks, held);
  } catch (error) {
    if (error instanceof EngineError) throw error; // unclear whether it was committed: its payloads must stay
    await deletePayloads(engine, tasks);
    if (error instanceof Error && /task_keys\.task_id/.test(error.message)) throw await conflictOf(engine, tasks, keys);
    throw error;
  }
}

interface InsertOptions {
  alongside?: D1PreparedStatement[];
  after?: D1PreparedStatement[];
  onResults?: (results: D1Result[]) => void;
}

async function deletePayloads(engine: Engine, tasks: readonly NewTask[]): Promise<void> {
  const keys = tasks.flatMap(({ input }) => ('key' in input ? [input.key] : []));
  if (keys.length > 0) await engine.payloads.delete(keys);
}

function receiptsOf(tasks: readonly NewTask[], held: readonly HeldKey[]): Receipt[] {
  const holders = new Map(held.map((row) => [row.key, row]));
  return tasks.map((accepted) => {
    const other = accepted.keys
      .map(({ key, replaces }) => ({ replaces, holder: holders.get(key) }))
      .find(({ holder }) => holder && holder.task_id !== accepted.id);
    if (!other?.holder) return { taskId: accepted.id, duplicate: false, accepted };
    const receipt = { taskId: other.holder.task_id, duplicate: true };
    return other.replaces && other.holder.waits ? { ...receipt, replaced: true } : receipt;
  });
}

async function readKeys(engine: Engine, keys: readonly string[]): Promise<HeldKey[]> {
  const results = await commit(engine, findKeys(engine, keys), { repeatable: true });
  return results.flatMap(({ results: rows }) => rows as HeldKey[]);
}

async function conflictOf(engine: Engine, tasks: readonly NewTask[], keys: string[]): Promise<EngineError> {
  const held = new Map((await readKeys(engine, keys)).map((row) => [row.key, row]));
  const wanted = tasks.flatMap((task) => task.keys);
  const conflicting = ({ key, inputHash }: { key: string; inputHash: string }) =>
    inputHash !== '' && held.has(key) && held.get(key)?.input_hash !== inputHash;
  const key = (wanted.find(conflicting) ?? wanted[0])?.key ?? '';
  const holder = held.get(key)?.task_id;
  if (key.startsWith('unique:')) {
    return new EngineError(
      'unique_conflict',
      `task ${holder ?? 'before it in this call'} is the same work, unfinished`,
    );
  }
  const who = holder ? `by task ${holder}` : 'twice in this call';
  const name = key.replace(/^idempotency:/, '');
  return new EngineError('idempotency_conflict', `idempotency key "${name}" was used ${who} with another input`);
}
