// A chore of the clean-up, and what runs it. Types only.

/** What one call of a chore did. Without a cursor, the pass has reached its end. */
export interface Portion {
  deleted: number;
  cursor?: string | undefined;
}

export interface Chore {
  /** A pass begins when the last one is at least this old, in seconds. */
  everySeconds: number;
  /**
   * Looks at one portion, beginning after `cursor`, and deletes what was due by `asOf` (epoch milliseconds). It must do no harm
   * when it runs twice or in part.
   */
  next(asOf: number, cursor: string | undefined): Promise<Portion>;
}

export interface CleanUpRun {
  signal: AbortSignal;
  progress(percent: number, message: string): void;
}

export interface CleanUpReport {
  /** What the last pass of each chore has deleted. */
  deleted: Record<string, number>;
  /** False: this invocation has done its share. Call again in another one. */
  done: boolean;
}
