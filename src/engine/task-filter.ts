// Which tasks a list shows. Types only.
import type { QueueName } from './queues.ts';
import type { State } from './state.ts';

export interface TaskFilter {
  state?: State | undefined;
  name?: string | undefined;
  queue?: QueueName | undefined;
  tag?: string | undefined;
  /** Words that must all match: each a part of a known name, or the beginning or the end of an id (store/match-text.ts). */
  text?: string | undefined;
  workflowId?: string | undefined;
  /** Of one call of `enqueue` with this `batchId`. */
  batchId?: string | undefined;
  /** The id or the tag of the version under which the last attempt ran. */
  version?: string | undefined;
  /** Created at or after, epoch milliseconds. */
  since?: number | undefined;
  /** Created before, epoch milliseconds. */
  until?: number | undefined;
}

export interface Page {
  limit: number;
  /** Only tasks with smaller ids: where the page before this one ended. */
  before: string | undefined;
}
