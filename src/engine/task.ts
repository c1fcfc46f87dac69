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

/** How a task ends once the undos of its steps have run. */
export interface Undoing {
  state: 'FAILURE' | 'REVOKED';
  error: TaskError;
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
  /** Under which its last attempt ran; undefined: there was none, or the version is not known. */
  version: Version | undefined;
}

export interface Task extends TaskSummary {
  input: Payload;
  result: Payload | undefined;
  /** Set while the undos of its steps run. */
  undoing: Undoing | undefined;
  /** The id of the task whose first steps it began with. */
  forkedFrom: string | undefined;
}

/** A deployed version of the Worker. */
export interface Version {
  id: string;
  /** Given by `wrangler deploy --tag`; undefined: none. */
  tag: string | undefined;
}

export interface LogLine {
  /** Epoch milliseconds. */
  at: number;
  message: string;
  fields?: Record<string, unknown>;
}

export const REASON_CODES = [
  'snoozed',
  'circuit',
  'rate_limit',
  'concurrency',
  'queue',
  'sleep',
  'event',
  'approval',
  'step',
  'undo',
  'undone',
] as const;

/** Why an attempt ended without counting, or what it has to do with undos. */
export interface SnoozeReason {
  /**
   * `snoozed`: the task asked for it. `queue`: its invocation had to end. `step`: a step or an undo is tried again later. `undo`: it
   * failed for good, and the undos of its steps follow. `undone`: it ran the undos.
   */
  code: (typeof REASON_CODES)[number];
  /** The dependency, the definition, the concurrency key, the queue, the step, or the type and key of the event. */
  of?: string;
  message: string;
}

/** What a task can wait for; the first that holds is named. */
export type WaitReason =
  | 'parents'
  | 'unknown_task'
  | 'paused'
  | 'rate_limit'
  | 'circuit'
  | 'retry'
  | 'sleep'
  | 'event'
  | 'approval'
  | 'step'
  | 'eta'
  | 'concurrency'
  | 'queue';

/** Why a task does not run yet. All instants: epoch milliseconds. */
export interface Waiting {
  reason: WaitReason;
  /**
   * The queue, the definition, the concurrency key, the dependency, the step, the type and key of the event, or the first unfinished
   * parent. For `retry`: why the last
   * attempt did not succeed, as a code.
   */
  of: string | undefined;
  /** The name of the API key that paused the queue. */
  by: string | undefined;
  /** For `paused`, the beginning of the pause; else when this wait began. */
  since: number;
  /** The earliest start; undefined: not known. */
  nextAt: number | undefined;
  /**
   * For `parents`, its unfinished parents. For `rate_limit`, the starts that the limit allows before it. For `concurrency` and
   * `queue`, the waiting tasks that became due before it, at most 1,000.
   */
  ahead: number | undefined;
}

/** A call of a batch handler. */
export interface BatchRun {
  id: string;
  /** How many tasks it ran. */
  tasks: number;
}

/** One execution of a task. */
export interface Attempt {
  number: number;
  outcome: 'STARTED' | 'SUCCESS' | 'FAILURE' | 'RETRY' | 'REVOKED' | 'SNOOZED' | 'CRASHED';
  startedAt: number;
  finishedAt: number | undefined;
  error: TaskError | undefined;
  /** Set when it is SNOOZED. */
  reason: SnoozeReason | undefined;
  version: Version | undefined;
  /** undefined: it ran in no batch, or did not get as far. */
  batch: BatchRun | undefined;
  logs: LogLine[];
}

/** News of one task's state, progress or step, for the live feed. */
export interface StepChange {
  name: string;
  occurrence: number;
  outcome: 'open' | 'done' | 'failed' | 'timed_out';
  /** Only when its undo was tried. `offered`: it failed and is tried again. */
  undo?: 'offered' | 'done' | 'failed';
}

export interface TaskUpdate {
  taskId: string;
  name: string;
  queue: QueueName;
  state: State;
  progress: Progress | undefined;
  workflowId: string | undefined;
  /** Set when the news is about a step: it was recorded, its wait has ended, or its undo was tried. */
  step?: StepChange;
  /** Epoch milliseconds. */
  at: number;
}

/** How the tasks with a tag ended. */
export interface TagSummary {
  byName: { name: string; succeeded: number; failed: number; revoked: number }[];
  /** Newest first, at most 10. `at`: epoch milliseconds. */
  failures: { id: string; name: string; message: string; at: number }[];
}
