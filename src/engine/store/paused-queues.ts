// Which lanes are paused: a row each.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { commit } from './commit.ts';

export async function pauseQueue(engine: Engine, queue: QueueName): Promise<void> {
  const insert = 'INSERT INTO paused_queues (queue, paused_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING';
  await commit(engine, [engine.db.prepare(insert).bind(queue, engine.clock.now())], { repeatable: true });
}

export async function resumeQueue(engine: Engine, queue: QueueName): Promise<void> {
  const remove = engine.db.prepare('DELETE FROM paused_queues WHERE queue = ?1').bind(queue);
  await commit(engine, [remove], { repeatable: true });
}
