// What runs a definition's tasks, and what a running task is given. Types only.
import type { Chore, CleanUpReport, CleanUpRun } from './clean-up/chore.ts';
import type { Declaration, Typed } from './declaration.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { EventReceipt, NewEvent } from './events/event.ts';
import type { Receipt, WorkflowReceipt } from './receipt.ts';
import type { Backoff } from './retry.ts';
import type { Backfilled, Report, TimeRange } from './schedule/backfilled.ts';
import type { Steps } from './steps/step.ts';
import type { TagSummary, Task, TaskSummary } from './task.ts';
import type { Page, TaskFilter } from './task-filter.ts';
import type { AnyWorkflowPart, WorkflowPartOptions } from './workflow/part.ts';

declare global {
  namespace Errand {
    /** What tasks reach through `ctx.services`. Declaration merging fills it (src/tasks/services.ts): the engine knows no mail and no files. */
    interface Services {}
    /** What tasks read from `ctx.settings`, filled in the same way. */
    interface Settings {}
  }
}

export interface Handler {
  run(input: unknown, ctx: TaskContext): unknown;
  /** For definitions with batches: runs several tasks in one call. */
  runMany?: RunMany;
  /** True when another attempt is worth it after this error. */
  shouldRetry(error: unknown): boolean;
  readonly backoff: Backoff;
}

/** Gives one outcome for each input. */
export type RunMany = (inputs: readonly unknown[], ctx: BatchContext) => unknown;

/** A definition, whatever its types. */
export interface AnyDefinition extends Declaration {
  readonly handler: Handler;
}

/** What a running task is given. */
export interface TaskContext {
  id: string;
  /** 1 for the first attempt. Snoozed attempts do not count. */
  attempt: number;
  /** Epoch milliseconds at which the task was enqueued: the same in all attempts. */
  createdAt: number;
  /** Epoch milliseconds, by the engine's clock. */
  now(): number;
  /** Aborted when the task is revoked, times out, or its lease is lost. Pass it to `fetch`. */
  signal: AbortSignal;
  /** The same in all attempts and redeliveries of this task: pass it to APIs that accept an idempotency key. */
  idempotencyKey: string;
  /** Named parts of the task whose outcome is recorded: what ended is never run again. */
  step: Steps;
  services: Errand.Services;
  settings: Errand.Settings;
  /** Kept with the attempt (at most 100 lines, 16 KiB) and written to the Worker's log. */
  log(message: string, fields?: Record<string, unknown>): void;
  /** Shown beside the state. Cheap to call often: written at most about once a second. */
  progress(percent: number | null, message?: string, counts?: { current: number; total: number }): void;
  /** Ends this attempt and asks for another. Throws. Uses up a retry. */
  retry(options?: { in?: number }): never;
  /** Ends this attempt without using up a retry and runs the task again in `for` seconds. `reason` is kept with the attempt. Throws. */
  snooze(options: { for: number; reason?: string }): never;
  /** Ends the task as FAILURE, whatever retries are left. Throws. */
  fail(reason: string): never;
  /**
   * Calls a dependency behind its circuit. While the circuit is open this throws at once, and the task waits for the next
   * probe without using up a retry. `isFault`: which errors count as the dependency's; default: all.
   */
  circuit<T>(dependency: string, work: () => Promise<T>, isFault?: (error: unknown) => boolean): Promise<T>;
  /** Enqueues a task. Throws as `definition.enqueue` does. */
  enqueue<Input>(definition: Typed<Input, unknown>, input: Input, options?: EnqueueOptions): Promise<Receipt>;
  /** Enqueues a workflow. Throws as `part.enqueue` does. */
  enqueueWorkflow(part: AnyWorkflowPart, options?: WorkflowPartOptions): Promise<WorkflowReceipt>;
  /** Sends an event to the tasks that wait for it. Throws EngineError `invalid_event`, `event_conflict`, `input_too_large`, `backlog_full`, `store_unavailable`. */
  sendEvent(event: NewEvent): Promise<EventReceipt>;
  tasks: TaskAccess;
}

/** What a running task may do with other tasks. */
export interface TaskAccess {
  /** Throws EngineError `task_not_found`. */
  find(id: string): Promise<Task>;
  /** The tasks that match, newest first. */
  list(filter: TaskFilter, page: Page): Promise<TaskSummary[]>;
  /** Revokes those of the tasks that are not final. Returns how many that were. */
  revoke(ids: readonly string[]): Promise<number>;
  /** Retries those of the tasks that ended before `endedBefore` (epoch milliseconds), except members of workflows. Returns how many that were. */
  retry(ids: readonly string[], endedBefore: number): Promise<number>;
  /**
   * Retries what failed in the workflow before `endedBefore`, and what depends on it. Returns how many tasks that were; 0 when
   * the workflow is gone or unfinished, or nothing in it failed.
   */
  retryWorkflow(id: string, endedBefore: number): Promise<number>;
  /** What became of the tasks with a tag that were enqueued from `since` until before `until` (epoch milliseconds), by name. */
  summariseTag(tag: string, since: number, until: number): Promise<TagSummary>;
  /**
   * Runs the chores of the clean-up that are due: the engine's own, and `others`. Deletes what is older than its retention. The
   * error of a chore is thrown after the others ran.
   */
  cleanUp(others: Record<string, Chore>, run: CleanUpRun): Promise<CleanUpReport>;
  /**
   * Fires the times of a schedule that have passed without firing, from `from` to `to` (epoch milliseconds). `next`: where to go on in
   * another task. `report` is called between portions. Throws as the backfill over HTTP is refused, and EngineError `backlog_full`.
   */
  backfill(schedule: string, range: TimeRange, report: Report): Promise<Backfilled>;
  /** The definition of this name in this deployment. */
  definition(name: string): AnyDefinition | undefined;
  /** D1 statements that this isolate has run. D1 allows 1,000 an invocation: long loops stop in time and continue in another task. */
  queriesSoFar(): number;
}

/** One task of a batch. */
export interface BatchMember
  extends Pick<TaskContext, 'id' | 'attempt' | 'createdAt' | 'idempotencyKey' | 'log' | 'progress'> {
  /** Aborted when this task is revoked, times out, or its lease is lost. The others go on. */
  readonly signal: AbortSignal;
}

type Shared =
  | 'now'
  | 'services'
  | 'settings'
  | 'retry'
  | 'snooze'
  | 'fail'
  | 'circuit'
  | 'enqueue'
  | 'enqueueWorkflow'
  | 'sendEvent'
  | 'tasks';

/** `retry`, `snooze` and `fail` throw, and so end the attempts of all tasks of the batch. */
export interface BatchContext extends Pick<TaskContext, Shared> {
  /** Names this call of `runMany`. Another attempt of its tasks has another one, often with other tasks beside them. */
  batchId: string;
  /** The tasks, in the order of the inputs. */
  members: readonly BatchMember[];
  /** Aborted when none of the tasks is left: all were revoked, have timed out, or were lost. Pass it to `fetch`. */
  signal: AbortSignal;
  /** Written once to the Worker's log. Use `members[n].log()` for what is to be kept with a task. */
  log(message: string, fields?: Record<string, unknown>): void;
}
