// Settles attempts that have ended: commits how they ended, logs failures, says so to the requests of this isolate that
// follow the tasks, and rings for the tasks that may run next.
import { identityOf } from './context.ts';
import { announce } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { noteEnded } from './followed.ts';
import { persist } from './persist.ts';
import type { Ended } from './pool.ts';
import type { Ring } from './ring.ts';
import type { Settlement } from './settlement.ts';
import { callbackIdOf } from './store/ids.ts';
import type { Seat } from './store/joint.ts';
import { settleTasks } from './store/settle-tasks.ts';

/** Throws EngineError `store_unavailable` after the last try; the sweep then takes the tasks back. `seat`: a guest of the transaction. */
export async function settle(engine: Engine, ended: readonly Ended[], seat?: Seat): Promise<void> {
  if (ended.length === 0) return;
  const settlements = ended.map(({ settlement }) => settlement);
  // A repetition settles alone: the guest may have been committed with the first try.
  let guest = seat;
  const released = await persist(engine, 'settling', async () => {
    const together = guest;
    guest = undefined;
    return settleTasks(engine, settlements, together).catch((error: unknown) => {
      together?.failed(error);
      throw error;
    });
  });
  seat?.done();
  for (const one of ended) report(engine, one);
  noteEnded(
    engine,
    ended.map(({ task }) => task.id),
  );
  await announce(engine, [...ended.flatMap(nextRings), ...released]);
}

/** The task itself when it runs again, else the task of its callback, which the database has enqueued. */
function nextRings({ task, settlement: { state, queue, waits, dueAt = 0 } }: Ended): Ring[] {
  const { id, name, crashes, callsBack } = task;
  if (state === 'RETRY')
    return [{ id, name, queue, dueAt, alone: crashes > 0, returning: true, waits: waits.length > 0 }];
  return callsBack ? [{ id: callbackIdOf(id), name: '', queue: 'default', dueAt: 0 }] : [];
}

function report(engine: Engine, { task, settlement: { state, outcome, error, undoing } }: Ended): void {
  if (state === 'SUCCESS' || outcome === 'SNOOZED') return;
  const about = error && { type: error.type, message: error.message };
  const fields = { ...identityOf(task), code: error?.code, error: about };
  if (state === 'FAILURE') engine.logger.error('task failed', fields);
  else engine.logger.warn(warningOf(state, undoing !== undefined), fields);
}

function warningOf(state: Settlement['state'], isUndone: boolean): string {
  if (isUndone) return 'task failed, and its steps are undone';
  return state === 'RETRY' ? 'task will be retried' : 'task revoked';
}
