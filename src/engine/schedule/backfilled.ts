// What a backfill covers and what it has done. Types only.

/** Both ends belong to it. Epoch milliseconds. */
export interface TimeRange {
  from: number;
  to: number;
}

export interface Backfilled {
  /** New tasks, or workflows. */
  enqueued: number;
  /** Times that have been looked at. */
  done: number;
  total: number;
  /** Where to go on, epoch milliseconds; undefined: it is done. */
  next: number | undefined;
}

export type Report = (done: number, total: number) => void;
