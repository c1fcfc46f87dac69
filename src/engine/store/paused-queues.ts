// The paused queues: a row each.
import type { Engine } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { write } from './batch.ts';

const PAUSE = 'INSERT INTO paused_queues (queue, paused_at, paused_by) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING';

export async function insertPause(engine: Engine, queue: QueueName, by: string | undefined): Promise<void> {
  await write(engine, { repeatable: true }, PAUSE, queue, engine.clock.now(), by ?? null);
}

export async function deletePause(engine: Engine, queue: QueueName): Promise<void> {
  await write(engine, { repeatable: true }, 'DELETE FROM paused_queues WHERE queue = ?1', queue);
}
