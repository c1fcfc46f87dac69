// Writes what must not be lost while D1 is away for some seconds.
import type { Engine } from './engine.ts';

/** How often, and how far apart, it is tried. */
const TRIES = 5;
const PAUSE_MS = 1000;

/** Runs `write` until it succeeds. Throws its error after the last try. */
export async function persist<T>(engine: Engine, what: string, write: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await write();
    } catch (error) {
      if (tried === TRIES) throw error;
      engine.logger.warn(`${what} failed; trying again`, { error });
      await scheduler.wait(PAUSE_MS * tried);
    }
  }
}
