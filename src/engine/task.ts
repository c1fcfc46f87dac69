// A task and what belongs to it, as values. Types only; the rows they are read from are in store/rows.ts.
import type { QueueName } from './queues.ts';
import type { State } from './state.ts';

/** How far a running task is, shown beside its state. */
export interface Progress {
  /** 0–100, or null when the end is unknown. */
  percent: number | null;
  message: string | null;
  current: number | null;
  total: number | null;
}

/** Why a task is not SUCCESS, as stored and shown. */
export interface TaskError {
  /** `error` for what a task threw; `timeout`, `poisoned`, `expired`, `revoked`, … for what the engine decided. */
  code: string;
  /** The class of the error, as in Celery's result backend. */
  type: string;
  message: string;
  traceback?: string;
}

/** An input or a result: its JSON text, or the payload key under which R2 holds that text. */
export type Payload = { json: string } | { key: string };

/** A task without its payloads: what lists show. All instants: epoch milliseconds. */
export interface TaskSummary {
  id: string;
  name: string;
  queue: QueueName;
  state: State;
  error: TaskError | undefined;
  progress: Progress | undefined;
  tags: string[];
  workflowId: string | undefined;
  attempts: number;
  crashes: number;
  maxRetries: number;
  createdAt: number;
  dueAt: number;
  expiresAt: number | undefined;
  startedAt: number | undefined;
  finishedAt: number | undefined;
}

export interface Task extends TaskSummary {
  input: Payload;
  result: Payload | undefined;
}

export interface LogLine {
  /** Epoch milliseconds. */
  at: number;
  message: string;
  fields?: Record<string, unknown>;
}

/** One execution of a task. */
export interface Attempt {
  number: number;
  outcome: 'STARTED' | 'SUCCESS' | 'FAILURE' | 'RETRY' | 'REVOKED' | 'SNOOZED' | 'CRASHED';
  startedAt: number;
  finishedAt: number | undefined;
  error: TaskError | undefined;
  logs: LogLine[];
}

/** News of one task's state or progress, for the live feed and for event streams. */
export interface TaskUpdate {
  taskId: string;
  name: string;
  queue: QueueName;
  state: State;
  progress: Progress | undefined;
  workflowId: string | undefined;
  /** Epoch milliseconds. */
  at: number;
}

/** How the tasks with a tag ended. */
export interface TagSummary {
  byName: { name: string; succeeded: number; failed: number; revoked: number }[];
  /** Newest first, at most 10. `at`: epoch milliseconds. */
  failures: { id: string; name: string; message: string; at: number }[];
}
