// Tasks that start in the invocation that enqueues them, after its response: with an id, a status and no loss, unlike
// FastAPI's BackgroundTasks or a bare ctx.waitUntil. The row is committed before the caller goes on.
import { acceptPrepared } from './accept.ts';
import { hasLimits } from './declaration.ts';
import type { Engine } from './engine.ts';
import { enqueueOne } from './enqueue.ts';
import type { Handler } from './handler.ts';
import { takeLease } from './lease.ts';
import { type EnqueueRequest, prepareTasks } from './prepare-tasks.ts';
import type { Receipt } from './receipt.ts';
import { addClaim, type ClaimedTask } from './store/claim-tasks.ts';
import { work } from './work.ts';

/**
 * Enqueues the task and starts it here. If it has not finished within the settings' backgroundSeconds, its signal is aborted
 * and the queue takes over, without using up a retry. A definition with limits goes to the queue at once: only a delivery
 * may start its tasks. `handler` runs the task instead of the definition's own. Throws as `enqueue` does.
 */
export async function startInBackground(engine: Engine, request: EnqueueRequest, handler?: Handler): Promise<Receipt> {
  if (engine.doorbell.keepsLimits && hasLimits(engine.registry.get(request.definition.name)))
    return notInBackground(await enqueueOne(engine, request));
  const prepared = await prepareTasks(engine, [request]);
  const [task] = prepared;
  if (!task) throw new Error('There is no task to run.');
  const leaseId = takeLease();
  const now = engine.clock.now();
  const claim = { queue: task.queue, ids: [task.id], leaseId, running: [], alone: false, now };
  let claimed: () => ClaimedTask[] = () => [];
  const [receipt] = await acceptPrepared(engine, prepared, {
    after: (batch) => {
      claimed = addClaim(batch, engine, { ...claim, dueBy: engine.doorbell.dueBy(now) });
    },
    isStarted: (taskId) => claimed().some(({ id }) => id === taskId),
  });
  const running = work(engine, {
    queue: task.queue,
    claimed: { tasks: claimed(), leaseId },
    stopAfterSeconds: engine.settings.backgroundSeconds,
    ...(handler && { handler }),
  });
  const logged = running.catch((error) => engine.logger.error('background task not settled', { error }));
  await engine.doorbell.runBeside(engine, logged);
  return notInBackground(receipt ?? { taskId: task.id, duplicate: false });
}

/** A duplicate starts nothing here: the earlier task starts, or has started, as it was asked to. */
function notInBackground(receipt: Receipt): Receipt {
  const { duplicate, notTaken = [] } = receipt;
  return duplicate ? { ...receipt, notTaken: ['background', ...notTaken] } : receipt;
}
