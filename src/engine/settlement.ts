// How one attempt ended, as it is settled. Types only.
import type { QueueName } from './queues.ts';
import type { StepName } from './steps/step.ts';
import type { Attempt, BatchRun, LogLine, Payload, Progress, SnoozeReason, TaskError, Undoing } from './task.ts';

export interface Settlement {
  id: string;
  name: string;
  queue: QueueName;
  workflowId: string | undefined;
  /** Tasks with the same one share a concurrency limit; its place is free now, unless it keeps it. */
  concurrencyKey: string | undefined;
  /** It keeps its place until the next attempt. */
  keepsPlace: boolean;
  /** When a rate-limited one was to start: its row does not hold that yet. */
  slot: number | undefined;
  fence: number;
  /** It was claimed, but no attempt was made: the task had expired. Its row is as if it had never started. */
  neverStarted: boolean;
  /** What the task becomes. */
  state: 'SUCCESS' | 'FAILURE' | 'RETRY' | 'REVOKED';
  /** How the attempt ended. SNOOZED does not count as an attempt. */
  outcome: Exclude<Attempt['outcome'], 'STARTED' | 'CRASHED'>;
  result: Payload | undefined;
  error: TaskError | undefined;
  /** For SNOOZED, and for attempts that are followed by undos or ran them. */
  reason?: SnoozeReason | undefined;
  /** undefined: as last written. */
  progress: Progress | undefined;
  logs: LogLine[];
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt: number;
  /** When this attempt was due: from then on the task waited. */
  dueAtStart: number;
  /** For RETRY: when it may start again, and when the sweep looks at it. */
  dueAt: number | undefined;
  wakeAt: number | undefined;
  /** Set while the undos of the task run or are to run: what it becomes then. */
  undoing: Undoing | undefined;
  /** It recorded steps and goes on later: crashes before it count no more. */
  forgetsCrashes: boolean;
  /** An attempt that only ran undos counts as none. */
  isUndo: boolean;
  /** The waits of its steps, which an event or a person may have ended meanwhile. */
  waits: readonly StepName[];
  /** When the task is FAILURE at the latest; undefined: its definition has no deadline. */
  deadlineAt: number | undefined;
  /** The batch in which the attempt ran. */
  batch?: BatchRun | undefined;
  /** Its batch is counted with it. */
  leadsBatch?: boolean | undefined;
}
