// Settles attempts that have ended: commits how they ended, logs failures, says so to the requests of this isolate that
// follow the tasks, and rings for the tasks that may run next.
import { identityOf } from './context.ts';
import { announce } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { noteEnded } from './followed.ts';
import type { Ended } from './pool.ts';
import type { Ring } from './ring.ts';
import { callbackIdOf } from './store/ids.ts';
import { settleTasks } from './store/settle-tasks.ts';

/** How often, and how far apart, settling is tried while D1 is away. */
const TRIES = 5;
const RETRY_MS = 1000;

/** Throws EngineError `store_unavailable` after the last try; the sweep then takes the tasks back. */
export async function settle(engine: Engine, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return;
  const released = await commitSettlements(engine, ended);
  for (const one of ended) report(engine, one);
  noteEnded(
    engine,
    ended.map(({ task }) => task.id),
  );
  await announce(engine, [...ended.flatMap(nextRings), ...released]);
}

async function commitSettlements(engine: Engine, ended: readonly Ended[]): Promise<Ring[]> {
  const settlements = ended.map(({ settlement }) => settlement);
  for (let tried = 1; ; tried++) {
    try {
      return await settleTasks(engine, settlements);
    } catch (error) {
      if (tried === TRIES) throw error;
      engine.logger.warn('settling failed; trying again', { error });
      await scheduler.wait(RETRY_MS * tried);
    }
  }
}

/** The task itself when it runs again, else the task of its callback, which the database has enqueued. */
function nextRings({ task, settlement: { state, queue, dueAt = 0 } }: Ended): Ring[] {
  const { id, name, crashes, callsBack } = task;
  if (state === 'RETRY') return [{ id, name, queue, dueAt, alone: crashes > 0, returning: true }];
  return callsBack ? [{ id: callbackIdOf(id), name: '', queue: 'default', dueAt: 0 }] : [];
}

function report(engine: Engine, { task, settlement: { state, outcome, error } }: Ended): void {
  if (state === 'SUCCESS' || outcome === 'SNOOZED') return;
  const about = error && { type: error.type, message: error.message };
  const fields = { ...identityOf(task), code: error?.code, error: about };
  if (state === 'FAILURE') engine.logger.error('task failed', fields);
  else engine.logger.warn(state === 'RETRY' ? 'task will be retried' : 'task revoked', fields);
}
