// The one way in: validate → insert → ring. It serves enqueue, background, workflows, schedules and retries by hand. The
// promise resolves after the rows are committed; the ring follows in the background and may fail without harm. All or none:
// one bad request refuses the whole call.
import { refusesOthers } from './dedupe-keys.ts';
import { announce } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import { refuseBacklog } from './limits/backlog.ts';
import type { NewTask } from './new-task.ts';
import { notTakenOf } from './not-taken.ts';
import { deletePayloads, payloadKeysOf } from './payloads.ts';
import { type EnqueueRequest, prepareTasks } from './prepare-tasks.ts';
import type { Receipt } from './receipt.ts';
import type { Ring } from './ring.ts';
import { Batch, ConstraintViolated } from './store/batch.ts';
import { findKeys, type HeldKey, heldSince, KEY_CONFLICT } from './store/dedupe-keys.ts';
import { insertTasks } from './store/insert-tasks.ts';
import { insertTaskBatch } from './store/task-batches.ts';

/** How a caller's acceptance differs from the plain one. */
export interface Acceptance {
  /** Prepended to the paths of issues: says which part of a larger request is meant. */
  path?: (index: number) => string;
  /** Changes the prepared tasks before they are inserted: gives them places in a workflow, or more dedupe keys. */
  change?: (tasks: NewTask[]) => NewTask[];
  /** Names the receipts' tasks, so that a list can find them: UUIDv7. */
  batchId?: string | undefined;
  /** Adds statements before those that insert the tasks, in the same transaction. The batch then runs once only. */
  before?: (batch: Batch) => void;
  /** The same, behind them. */
  after?: (batch: Batch) => void;
  /** Tasks that are already started, by the committed batch: no ring for them. */
  isStarted?: (taskId: string) => boolean;
  /** When they are due, tasks with an ETA stand at the end of the line of their rate limit. Default: they go first. */
  newWhenDue?: boolean;
}

/**
 * Accepts tasks from outside. Receipts come in the order of the requests.
 * Throws EngineError `invalid_input`, `invalid_options`, `input_too_large`, `idempotency_conflict`, `unique_conflict`,
 * `backlog_full`, `store_unavailable`; then no task was enqueued.
 */
export async function accept(
  engine: Engine,
  requests: readonly EnqueueRequest[],
  how: Acceptance = {},
): Promise<Receipt[]> {
  const prepared = await prepareTasks(engine, requests, how.path);
  await refuseBacklog(engine, prepared);
  return acceptPrepared(engine, how.change?.(prepared) ?? prepared, how);
}

/** The same for tasks that are prepared already, whatever the backlog. */
export async function acceptPrepared(
  engine: Engine,
  tasks: readonly NewTask[],
  how: Omit<Acceptance, 'path' | 'change'> = {},
): Promise<Receipt[]> {
  const receipts = await insert(engine, tasks, how);
  const { isStarted = () => false, newWhenDue = false } = how;
  const accepted = (index: number) => !receipts[index]?.duplicate || receipts[index]?.replaced === true;
  const rings = tasks.flatMap((task, index): Ring[] => {
    const id = receipts[index]?.taskId ?? task.id;
    return accepted(index) && !task.place?.openParents && !isStarted(id) ? [toRing(task, id, newWhenDue)] : [];
  });
  await announce(engine, rings);
  const left = tasks.filter((_, index) => !accepted(index));
  await deletePayloads(engine, payloadKeysOf(left.map(({ input }) => input)));
  return receipts;
}

/** Accepts tasks that exist and run again: deletes the payloads they left behind, and rings. */
export async function acceptAgain(
  engine: Engine,
  { rings, payloadKeys }: { rings: readonly Ring[]; payloadKeys: readonly string[] },
): Promise<void> {
  await deletePayloads(engine, payloadKeys);
  await announce(engine, rings);
}

/** A task with an ETA goes before the tasks that are new when it is due, unless `newWhenDue`. */
function toRing({ name, queue, dueAt, createdAt }: NewTask, id: string, newWhenDue: boolean): Ring {
  return { id, name, queue, dueAt, ...(dueAt > createdAt && !newWhenDue && { returning: true }) };
}

async function insert(
  engine: Engine,
  tasks: readonly NewTask[],
  { batchId, before, after }: Pick<Acceptance, 'batchId' | 'before' | 'after'>,
): Promise<Receipt[]> {
  const batch = new Batch(engine);
  before?.(batch);
  const inserted = insertTasks(batch, tasks, engine.clock.now());
  if (batchId !== undefined) insertTaskBatch(batch, batchId, tasks);
  after?.(batch);
  const keys = [...new Set(tasks.flatMap((task) => task.dedupeKeys.map(({ key }) => key)))];
  const held = findKeys(batch, keys);
  if (batch.isEmpty) return [];
  try {
    await batch.commit({ repeatable: !before && !after });
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
