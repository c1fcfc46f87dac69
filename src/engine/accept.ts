// The one way in: validate → insert → ring. It serves enqueue, background, workflows, schedules and retries by hand. The
// promise resolves after the rows are committed; the ring follows in the background and may fail without harm. All or none:
// one bad request refuses the whole call.
import { findFull } from './batch/gather.ts';
import { announce } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import type { Handler } from './handler.ts';
import { type Beside, insertAccepted } from './insert-accepted.ts';
import { refuseBacklog } from './limits/backlog.ts';
import type { NewTask } from './new-task.ts';
import { deletePayloads, payloadKeysOf } from './payloads.ts';
import { type EnqueueRequest, prepareTasks } from './prepare-tasks.ts';
import type { QueueName } from './queues.ts';
import type { Receipt } from './receipt.ts';
import type { Ring } from './ring.ts';
import { queueToStartIn, type Start, startOf } from './start-here.ts';
import type { Batch } from './store/batch.ts';
import { createLine, type Line, runTogether } from './together.ts';

/** How a caller's acceptance differs from the plain one. */
export interface Acceptance extends Beside {
  /** Prepended to the paths of issues: says which part of a larger request is meant. */
  path?: (index: number) => string;
  /** Changes the prepared tasks before they are inserted: gives them places in a workflow, or more dedupe keys. */
  change?: (tasks: NewTask[]) => NewTask[];
  /** Runs tasks that start here instead of their definition's own. */
  handler?: Handler;
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
  await refuseBacklog(
    engine,
    prepared.filter(({ startsHere }) => !startsHere),
  );
  return acceptPrepared(engine, how.change?.(prepared) ?? prepared, how);
}

/** The same for tasks that are prepared already, whatever the backlog. */
export async function acceptPrepared(
  engine: Engine,
  tasks: readonly NewTask[],
  how: Omit<Acceptance, 'path' | 'change'> = {},
): Promise<Receipt[]> {
  const line = lineOf(engine, tasks, how);
  if (!line) return acceptCall(engine, tasks, how);
  return runTogether(engine, line, tasks, (calls) => acceptCalls(engine, calls), isUnclear);
}

/** Calls of more tasks are committed alone, and start none here. */
const MOST_TO_JOIN = 10;

type CallLine = Line<readonly NewTask[], Receipt[]>;

/** Calls whose tasks start here have a line for each queue: they are claimed together. */
const lines = new WeakMap<Engine, Map<QueueName | 'later', CallLine>>();

/** The line in which the call waits for others to be committed together. undefined: it is committed alone. */
function lineOf(engine: Engine, tasks: readonly NewTask[], how: Acceptance): CallLine | undefined {
  const isPlain = Object.values(how).every((value) => value === undefined);
  const isSmall = tasks.length <= MOST_TO_JOIN && tasks.every(({ input }) => 'json' in input);
  if (!(engine.doorbell.joinsCalls && isPlain && isSmall)) return undefined;
  const kind = queueToStartIn(tasks) ?? 'later';
  const kinds = lines.get(engine) ?? new Map<QueueName | 'later', CallLine>();
  lines.set(engine, kinds);
  const line = kinds.get(kind) ?? createLine();
  kinds.set(kind, line);
  return line;
}

/** The calls may have been committed, so none is made again. */
function isUnclear(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'store_unavailable';
}

async function acceptCalls(engine: Engine, calls: readonly (readonly NewTask[])[]): Promise<Receipt[][]> {
  const receipts = await acceptCall(engine, calls.flat(), {}, calls.length * MOST_TO_JOIN);
  return calls.map(({ length }) => receipts.splice(0, length));
}

async function acceptCall(
  engine: Engine,
  tasks: readonly NewTask[],
  how: Omit<Acceptance, 'path' | 'change'>,
  mostToStart = MOST_TO_JOIN,
): Promise<Receipt[]> {
  const { newWhenDue = false, handler } = how;
  const start = tasks.length <= mostToStart ? startOf(engine, tasks) : undefined;
  let full: () => Ring[] = () => [];
  const reads = (batch: Batch) => {
    full = findFull(batch, engine, tasks);
  };
  const receipts = await insertWith(engine, tasks, { ...how, reads }, start);
  const started = new Map(start?.claimed().map(({ id, startedAt }) => [id, startedAt]));
  const accepted = (index: number) => !receipts[index]?.duplicate || receipts[index]?.replaced === true;
  const rings = tasks.flatMap((task, index): Ring[] => {
    const id = receipts[index]?.taskId ?? task.id;
    return accepted(index) && !task.place?.openParents && !started.has(id) ? [toRing(task, id, newWhenDue)] : [];
  });
  await announce(engine, [...full(), ...rings]);
  await start?.run(handler);
  const left = tasks.filter((_, index) => !accepted(index));
  await deletePayloads(engine, payloadKeysOf(left.map(({ input }) => input)));
  return receipts.map((receipt) => {
    const startedAt = started.get(receipt.taskId);
    return startedAt === undefined ? receipt : { ...receipt, startedAt };
  });
}

/** Inserts the tasks and claims those that start here. */
async function insertWith(
  engine: Engine,
  tasks: readonly NewTask[],
  how: Beside,
  start: Start | undefined,
): Promise<Receipt[]> {
  if (!start) return insertAccepted(engine, tasks, how);
  const claim = (batch: Batch) => {
    how.after?.(batch);
    start.add(batch);
  };
  try {
    return await insertAccepted(engine, tasks, { ...how, after: claim });
  } catch (error) {
    start.cancel();
    throw error;
  }
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
