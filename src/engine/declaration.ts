// What a definition declares: data that is enough to accept its tasks and to decide which may start. The code that runs
// them is its handler (handler.ts).
import type { z } from 'zod';
import type { BatchRule } from './batch/rule.ts';
import type { Rate } from './limits/rate.ts';
import type { QueueName } from './queues.ts';
import type { Receipt } from './receipt.ts';
import type { ScheduleRule } from './schedule/entry.ts';

export interface Declaration {
  readonly name: string;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** undefined: the routes decide. */
  readonly queue: QueueName | undefined;
  /** Where tasks start that are enqueued one by one: in a delivery of their queue, or in the invocation that enqueues them. */
  readonly start: 'queue' | 'here';
  readonly maxRetries: number;
  readonly timeoutSeconds: number;
  /** undefined: none. */
  readonly deadlineSeconds: number | undefined;
  readonly unique: UniqueRule<unknown> | undefined;
  readonly rateLimit: Rate | undefined;
  readonly concurrency: ConcurrencyRule<unknown> | undefined;
  /** Its tasks run in batches. undefined: each alone. */
  readonly batch: BatchRule | undefined;
  /** Types of events on which a task is enqueued, with the payload as its input. */
  readonly on: readonly string[];
  /** By name. */
  readonly schedules: Record<string, ScheduleRule<unknown>>;
}

/** A declaration with the types of its input and output. */
export interface Typed<Input, Output> extends Declaration {
  readonly output: z.ZodType<Output>;
  /** Enqueues with no options. */
  delay(input: Input): Promise<Receipt>;
}

/** Work that must not be enqueued twice; EnqueueOptions.unique explains each field. */
export interface UniqueRule<Input> {
  forSeconds: number;
  /** The unique key of an input. Default: the whole input. */
  key?: (input: Input) => string;
  until?: 'success' | 'start' | 'forever';
  onConflict?: 'return' | 'reject' | 'replace';
}

/** How many tasks may run at once. */
export interface ConcurrencyRule<Input> {
  limit: number;
  /** The concurrency key of an input. Default: all tasks of the definition share one. */
  key?: (input: Input) => string;
  /** A task keeps its place while its steps sleep or wait. Default: false, so that other tasks run meanwhile. */
  keepWhileWaiting?: boolean;
}

/** True when tasks of this definition need more than a free place to start. */
export function hasLimits(declaration: Declaration | undefined): boolean {
  return declaration?.rateLimit !== undefined || declaration?.concurrency !== undefined;
}
