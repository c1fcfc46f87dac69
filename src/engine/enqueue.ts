// Enqueues tasks: what `definition.enqueue()` and the HTTP API call.
import { accept } from './accept.ts';
import type { Engine } from './engine.ts';
import { EngineError } from './errors.ts';
import type { EnqueueRequest } from './prepare-tasks.ts';
import type { Receipt } from './receipt.ts';

export interface EnqueueTogether {
  /** Committed in the same transaction as the tasks: all or none (a transactional outbox). */
  alongside?: D1PreparedStatement[];
  /** Prepended to the paths of issues: says which part of a larger request is meant. */
  path?: (index: number) => string;
  /** Names the tasks of this call for `TaskFilter.batchId`: UUIDv7. */
  batchId?: string;
}

export const MAX_TASKS_PER_CALL = 10_000;

/**
 * Enqueues up to 10,000 tasks in one transaction. Receipts come in the order of the requests. A violated constraint of a
 * statement in `alongside` is thrown as ConstraintViolated. Otherwise throws EngineError `too_many_tasks`, or as `accept`
 * does; then no task was enqueued.
 */
export async function enqueue(
  engine: Engine,
  requests: readonly EnqueueRequest[],
  { alongside = [], path, batchId }: EnqueueTogether = {},
): Promise<Receipt[]> {
  if (requests.length > MAX_TASKS_PER_CALL) {
    throw new EngineError('too_many_tasks', `${requests.length} tasks in one call; at most ${MAX_TASKS_PER_CALL}`);
  }
  return accept(engine, requests, {
    ...(path && { path }),
    batchId,
    ...(alongside.length > 0 && {
      before: (batch) => {
        for (const statement of alongside) batch.addPrepared(statement);
      },
    }),
  });
}

/** The same for one task. */
export async function enqueueOne(engine: Engine, request: EnqueueRequest): Promise<Receipt> {
  const [receipt] = await enqueue(engine, [request]);
  if (!receipt) throw new Error('A task was accepted without a receipt.');
  return receipt;
}
