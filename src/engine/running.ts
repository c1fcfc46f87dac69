// A task under way. Types only.

import type { ClaimedTask } from './claimed-task.ts';
import type { Settlement } from './settlement.ts';
import type { LogLine, Progress } from './task.ts';

/** A task under way in this invocation. */
export interface Running {
  task: ClaimedTask;
  /** Epoch milliseconds; past it the attempt is aborted with `timeout`. */
  deadline: number;
  /** True while a step that begins now has time enough: for less than half of the attempt's time, it has run. */
  hasTimeLeft(): boolean;
  signal(): AbortSignal;
  /** Throws the reason of `abort`. */
  throwIfAborted(): void;
  /** Steps that this attempt has recorded. */
  recordedSteps: number;
  logs: LogLine[];
  progress: Progress | undefined;
  /** Ends the attempt from outside: aborts the task's signal, and does not wait for code that ignores it. */
  abort(reason: Error): void;
  /** How the attempt ended; undefined when the task was lost on the way. Never rejects. */
  ended: Promise<Settlement | undefined>;
}
