// A transaction that one part of the engine commits for another part, too. Types only.
import type { TaskUpdate } from '../task.ts';
import type { Batch } from './batch.ts';

/** What a part adds to the transaction of another. */
export interface Guest {
  /** Adds its statements, behind the others. May be called again: then nothing of the call before was committed. */
  add(batch: Batch): void;
  /** Readable after the commit. */
  updates(): TaskUpdate[];
}

/** A guest, and the functions to call when its transaction has ended. */
export interface Seat extends Guest {
  done(): void;
  /** It may have been committed. */
  failed(error: unknown): void;
}

export interface Joint {
  /** Resolves when the guest's statements are committed; rejects if that failed or is not known. undefined: they were not taken up. */
  join(guest: Guest): Promise<void> | undefined;
}
