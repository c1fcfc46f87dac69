// What the sweep reads and writes about tasks that wait: those whose `wake_at` has passed, and when to look at them again.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { commit, read } from './commit.ts';

export interface OverdueTask {
  id: string;
  queue: QueueName;
  dueAt: number;
  wakeAt: number;
  crashes: number;
}

const OVERDUE = `
  SELECT id, queue, due_at AS dueAt, wake_at AS wakeAt, crashes FROM tasks
  WHERE state IN ('PENDING', 'RETRY') AND wake_at <= ?1 ORDER BY wake_at LIMIT ?2`;

/** The longest overdue first. */
export async function findOverdue(engine: Engine, limit: number): Promise<OverdueTask[]> {
  return read<OverdueTask>(engine, engine.db.prepare(OVERDUE).bind(engine.clock.now(), limit));
}

const POSTPONE = `
  UPDATE tasks SET wake_at = s.value ->> 1 FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND state IN ('PENDING', 'RETRY')`;

/** Writes when the sweep shall look at each again. */
export async function postpone(engine: Engine, wakes: readonly { id: string; wakeAt: number }[]): Promise<void> {
  const rows = JSON.stringify(wakes.map(({ id, wakeAt }) => [id, wakeAt]));
  await commit(engine, [engine.db.prepare(POSTPONE).bind(rows)], { repeatable: true });
}
