// A task that is about to be inserted. Types only.
import type { QueueName } from './queues.ts';
import type { Payload } from './task.ts';

export interface NewTask {
  id: string;
  name: string;
  queue: QueueName;
  input: Payload;
  tags: string[];
  maxRetries: number;
  /** All instants: epoch milliseconds. */
  createdAt: number;
  dueAt: number;
  wakeAt: number;
  expiresAt: number | null;
  /** Tasks with the same one share a concurrency limit; null: the definition has no limit. */
  concurrencyKey: string | null;
  /** JSON `{ url, workflow_id }`: where the end is posted to. */
  callback: string | null;
  dedupeKeys: DedupeKey[];
  /** The names of the options that the caller gave. */
  asks: string[];
  /** It starts in the invocation that enqueues it, if there is a place. */
  startsHere?: boolean;
  /** Only for a task of a workflow. */
  place?: WorkflowPlace;
}

/** A key that keeps the same work from being enqueued twice. */
export interface DedupeKey {
  /** `idempotency:…`, `unique:<task name>:…` or `schedule:<name>:<time>`. */
  key: string;
  /** Tells the input from another. '' when any input counts as the same work. */
  inputHash: string;
  expiresAt: number;
  /** When the key is free before `expiresAt`: once its task has ended (`success`), once it has started, or never. */
  until: 'success' | 'start' | 'forever';
  /** The holder takes over the input and the due time of a later task, as long as it has not started. */
  replaces: boolean;
}

export interface WorkflowPlace {
  workflowId: string;
  /** Parents that must end before it may start; above 0 the task begins as WAITING. */
  openParents: number;
  receives: Receives | undefined;
}

/**
 * What a task takes from its parents. `results`: what all of them pass on, as a list, or by name if the edges have labels.
 * `list`: the parent is a gathering task, whose output is the list itself.
 */
export type Receives = 'output' | 'results' | 'list' | 'error';

/**
 * After which end of a parent its child runs. On an edge with a label: whether the child runs, once all its parents have ended:
 * all have succeeded, in any case, or one has failed.
 */
export type RunsOn = 'success' | 'any' | 'failure';
