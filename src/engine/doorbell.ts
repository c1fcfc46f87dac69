// Rings for waiting tasks through the engine's doorbell, and says when the sweep looks at a task that was not started.
// Two doorbells exist: queue-doorbell.ts sends messages, eager.ts runs the tasks in the caller.
import type { Engine } from './engine.ts';
import type { Ring } from './ring.ts';

/** The longest delay a message is sent with; the sweep rings for what is due later. Half of the 24 h a message lives on the free plan. */
export const MAX_RING_DELAY_SECONDS = 12 * 3600;

/** Rings without making the caller wait for the messages. */
export async function announce(engine: Engine, rings: readonly Ring[]): Promise<void> {
  if (rings.length > 0) await engine.doorbell.announce(engine, rings);
}

/** Rings and waits until each message was sent or has failed. */
export async function ring(engine: Engine, rings: readonly Ring[]): Promise<void> {
  if (rings.length > 0) await engine.doorbell.ring(engine, rings);
}

/** When the sweep looks at a task: some seconds after its message should have arrived, or before a far due time. */
export function wakeTime(engine: Engine, dueAt: number, now: number): number {
  const grace = engine.settings.ringGraceSeconds * 1000;
  if (dueAt - now > MAX_RING_DELAY_SECONDS * 1000) return dueAt - (MAX_RING_DELAY_SECONDS * 1000) / 2;
  return Math.max(dueAt, now) + grace;
}
