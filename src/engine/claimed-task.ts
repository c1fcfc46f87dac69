// A task that an invocation holds. Types only.
import type { Receives } from './new-task.ts';
import type { QueueName } from './queues.ts';
import type { Payload, Undoing } from './task.ts';

/** A task that this invocation holds. Only the holder of the fence can settle it. */
export interface ClaimedTask {
  id: string;
  name: string;
  queue: QueueName;
  input: Payload;
  attempt: number;
  crashes: number;
  maxRetries: number;
  fence: number;
  startedAt: number;
  dueAt: number;
  expiresAt: number | undefined;
  workflowId: string | undefined;
  /** How its parents' results become part of its input. */
  receives: Receives | undefined;
  /** Tasks with the same one share a concurrency limit. */
  concurrencyKey: string | undefined;
  /** It kept its place of the concurrency limit since its last attempt. */
  keepsPlace: boolean;
  /** Its end enqueues a callback. */
  callsBack: boolean;
  /** A recorded step has an undo. */
  hasUndo: boolean;
  /** The undos of its steps are to run, and this is how it ends then. */
  undoing: Undoing | undefined;
  /** It began with the first steps of another task. */
  isFork: boolean;
  /** Epoch milliseconds. */
  deadlineAt: number | undefined;
  /** The limits of its definition let it start. */
  admitted: boolean;
  /** When a rate-limited one may start, epoch milliseconds. */
  slot: number | undefined;
}
