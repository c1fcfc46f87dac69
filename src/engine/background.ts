// Fire and forget with an id, a status and no loss: what FastAPI's BackgroundTasks and a bare ctx.waitUntil are not.
// The task starts in this very invocation, after the response; the row is committed before the caller goes on.
import type { Engine } from './engine.ts';
import { enqueue, insert, type Receipt } from './enqueue.ts';
import { takeLease } from './lease.ts';
import { prepareTasks, type Request } from './prepare-tasks.ts';
import { announce, isLimited } from './ring.ts';
import { claimStatements, toClaimed } from './store/claim-tasks.ts';
import type { AnyDefinition } from './task.ts';
import { work } from './work.ts';

/**
 * Enqueues the task and starts it here through `waitUntil`. Has it not finished within the settings' backgroundSeconds,
 * its signal is aborted and the queue takes over, without consuming an attempt. Throws as `enqueue` does.
 */
export async function startInBackground(engine: Engine, request: Request, only?: AnyDefinition): Promise<Receipt> {
  if (!engine.runNow && isLimited(engine, request.definition.name)) return viaQueue(engine, request);
  const tasks = await prepareTasks(engine, [request]);
  const [task] = tasks;
  if (!task) throw new Error('nothing to run');
  const leaseId = takeLease();
  const now = engine.clock.now();
  let claimed: D1Result | undefined;
  const claim = {
    queue: task.queue,
    ids: [task.id],
    leaseId,
    running: [],
    alone: false,
    dueBy: engine.runNow ? Number.MAX_SAFE_INTEGER : now,
    now,
  };
  const [receipt] = await insert(engine, tasks, {
    after: claimStatements(engine, claim),
    onResults: ([first]) => {
      claimed = first;
    },
  });
  const held = toClaimed(claimed, claim);
  if (held.length === 0 && receipt && (!receipt.duplicate || receipt.replaced))
    await announce(engine, [{ ...task, id: receipt.taskId }]); // it is not due yet
  const running = work(engine, {
    queue: task.queue,
    claimed: { tasks: held, leaseId },
    stopAfterSeconds: engine.settings.backgroundSeconds,
    ...(only && { definition: only }),
  });
  if (engine.runNow) await running;
  else engine.defer(running.catch((error) => engine.logger.error('background task not settled', { error })));
  return receipt ?? { taskId: task.id, duplicate: false };
}

/** Only a delivery may start what has limits. */
async function viaQueue(engine: Engine, request: Request): Promise<Receipt> {
  const [receipt] = await enqueue(engine, [request]);
  return receipt as Receipt;
}

/** `definition.background()`. */
export function runInBackground(engine: Engine, definition: AnyDefinition, input: unknown): Promise<Receipt> {
  return startInBackground(engine, { definition, input });
}
