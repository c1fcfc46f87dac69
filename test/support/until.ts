// Waits until a task of the real Worker waits for something itself.
import { expect, vi } from 'vitest';
import { call, reply } from './worker.ts';

/** Resolves when the task is RETRY: it sleeps, or waits for an event or a person. */
export async function untilWaiting(key: string, id: string): Promise<void> {
  await vi.waitFor(
    async () => {
      const { status } = await reply<{ status: string }>(200, call(`GET /tasks/${id}`, { key }));
      expect(status).toBe('RETRY');
    },
    { timeout: 15_000, interval: 100 },
  );
}
