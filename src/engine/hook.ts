// Hooks: code that runs around every task, for tracing, the context of a tenant, redaction. Types only.
import type { EnqueueOptions } from './enqueue-options.ts';
import type { TaskContext } from './handler.ts';

/** What a caller asks for. */
export interface Enqueued {
  name: string;
  input: unknown;
  options: EnqueueOptions;
}

/** How an attempt ended. `waits`: its steps wait, and the task goes on in another attempt. */
export type Outcome = { result: unknown } | { error: unknown } | { waits: true };

/** They run in the order of the list, one after the other. */
export interface Hooks {
  /** Before an input is checked and stored. What it returns takes the place of the given part. An error refuses the call. */
  onEnqueue?(
    enqueued: Enqueued,
  ): Partial<Omit<Enqueued, 'name'>> | undefined | Promise<Partial<Omit<Enqueued, 'name'>> | undefined>;
  /** Before the code of an attempt, also when that only makes undos known. An error is the attempt's: its code does not run. */
  beforeRun?(name: string, ctx: TaskContext): void | Promise<void>;
  /**
   * After the code of an attempt, unless the attempt was lost or only made undos known. An error is the attempt's, even if its code
   * succeeded; after a timeout or a wait it comes too late and changes nothing.
   */
  afterRun?(name: string, ctx: TaskContext, outcome: Outcome): void | Promise<void>;
}
