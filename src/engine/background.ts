// Tasks that start in the invocation that enqueues them, after its response: with an id, a status and no loss, unlike
// FastAPI's BackgroundTasks or a bare ctx.waitUntil. The row is committed before the caller goes on.
import { accept } from './accept.ts';
import type { Engine } from './engine.ts';
import type { Handler } from './handler.ts';
import type { EnqueueRequest } from './prepare-tasks.ts';
import type { Receipt } from './receipt.ts';

/**
 * Enqueues the task and starts it here. If it has not finished within the settings' backgroundSeconds, its signal is aborted
 * and the queue takes over, without using up a retry. A definition with limits goes to the queue at once: only a delivery
 * may start its tasks. `handler` runs the task instead of the definition's own. Throws as `enqueue` does.
 */
export async function startInBackground(engine: Engine, request: EnqueueRequest, handler?: Handler): Promise<Receipt> {
  const [receipt] = await accept(engine, [{ ...request, start: 'here' }], handler && { handler });
  if (!receipt) throw new Error('A task was accepted without a receipt.');
  const { duplicate, notTaken = [] } = receipt;
  // A duplicate starts nothing here: the earlier task starts, or has started, as it was asked to.
  return duplicate ? { ...receipt, notTaken: ['background', ...notTaken] } : receipt;
}
