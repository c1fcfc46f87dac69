// Inserts accepted tasks, and says of each whether it is new or the duplicate of another.
import { refusesOthers } from './dedupe-keys.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import type { NewTask } from './new-task.ts';
import { notTakenOf } from './not-taken.ts';
import { deletePayloads, payloadKeysOf } from './payloads.ts';
import type { Receipt } from './receipt.ts';
import { Batch, ConstraintViolated } from './store/batch.ts';
import { findKeys, type HeldKey, heldSince, KEY_CONFLICT } from './store/dedupe-keys.ts';
import { insertTasks } from './store/insert-tasks.ts';
import { insertTaskBatch } from './store/task-batches.ts';
import type { TaskUpdate } from './task.ts';

/** What goes into the transaction beside the tasks. */
export interface Beside {
  /** Names the receipts' tasks, so that a list can find them: UUIDv7. */
  batchId?: string | undefined;
  /** Adds statements before those that insert the tasks. The batch then runs once only. */
  before?: (batch: Batch) => void;
  /** The same, behind them. */
  after?: (batch: Batch) => void;
  /** Adds reads behind them. The batch may still run twice. */
  reads?: (batch: Batch) => void;
  /** What the statements beside the tasks changed, for the clients that watch. */
  updates?: () => TaskUpdate[];
}

/**
 * Inserts tasks in one transaction, with what the caller adds to it, and reads who holds their dedupe keys. Throws EngineError
 * `idempotency_conflict`, `unique_conflict`, `store_unavailable`; then no task was inserted, as far as is known.
 */
export async function insertAccepted(
  engine: Engine,
  tasks: readonly NewTask[],
  { batchId, before, after, reads, updates }: Beside,
): Promise<Receipt[]> {
  const batch = new Batch(engine);
  before?.(batch);
  const inserted = insertTasks(batch, tasks, engine.clock.now());
  if (batchId !== undefined) insertTaskBatch(batch, batchId, tasks);
  after?.(batch);
  reads?.(batch);
  const keys = [...new Set(tasks.flatMap((task) => task.dedupeKeys.map(({ key }) => key)))];
  const held = findKeys(batch, keys);
  if (batch.isEmpty) return [];
  try {
    await batch.commit({ repeatable: !before && !after, ...(updates && { updates }) });
  } catch (error) {
    if (error instanceof EngineError) throw error; // It may have been committed, so the payloads must stay.
    await deletePayloads(engine, payloadKeysOf(tasks.map(({ input }) => input)));
    const isConflict = error instanceof ConstraintViolated && error.constraint === KEY_CONFLICT;
    throw isConflict ? await conflictOf(engine, tasks, keys) : error;
  }
  await deletePayloads(engine, inserted.replacedPayloads());
  return receiptsOf(tasks, held());
}

function receiptsOf(tasks: readonly NewTask[], held: readonly HeldKey[]): Receipt[] {
  const holders = new Map(held.map((row) => [row.key, row]));
  return tasks.map((accepted) => {
    const other = accepted.dedupeKeys
      .map(({ key, replaces }) => ({ replaces, holder: holders.get(key) }))
      .find(({ holder }) => holder && holder.task_id !== accepted.id);
    if (!other?.holder) return { taskId: accepted.id, duplicate: false, accepted };
    const { holder, replaces } = other;
    const receipt = { taskId: holder.task_id, duplicate: true, since: heldSince(holder) };
    if (replaces && holder.waits) return { ...receipt, replaced: true };
    const notTaken = notTakenOf(accepted, holder, holders);
    return notTaken.length > 0 ? { ...receipt, notTaken } : receipt;
  });
}

/** The refusal of a call that was aborted because one of its keys is held for another input. */
async function conflictOf(engine: Engine, tasks: readonly NewTask[], keys: string[]): Promise<EngineError> {
  const batch = new Batch(engine);
  const found = findKeys(batch, keys);
  await batch.commit({ repeatable: true });
  const held = new Map(found().map((row) => [row.key, row]));
  const wanted = tasks.flatMap((task) => task.dedupeKeys);
  const conflicting = ({ key, inputHash }: { key: string; inputHash: string }) =>
    refusesOthers(inputHash) && held.has(key) && held.get(key)?.input_hash !== inputHash;
  const key = (wanted.find(conflicting) ?? wanted[0])?.key ?? '';
  const holder = held.get(key)?.task_id;
  if (key.startsWith('unique:')) {
    const before = holder ?? 'before it in this call';
    return new EngineError('unique_conflict', `task ${before} is the same work, unfinished`);
  }
  const by = holder ? `by task ${holder}` : 'twice in this call';
  const name = key.replace(/^idempotency:/, '');
  return new EngineError('idempotency_conflict', `idempotency key "${name}" was used ${by} with another input`);
}
