// defineTask(): from a name, schemas and a function to a definition that can be enqueued. Holds no state and does no I/O.
import type { z } from 'zod';
import { runInBackground } from './background.ts';
import { type Flow, type Rest, type Signature, signature } from './canvas/canvas.ts';
import { currentEngine } from './engine.ts';
import { enqueue, type Receipt } from './enqueue.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { parseRate, type Rate } from './limits/rate.ts';
import type { QueueName } from './queues.ts';
import { type Backoff, exponential, type RetryPolicy } from './retry.ts';
import type { ScheduleRule } from './schedule/entry.ts';

declare global {
  namespace Errand {
    /** What tasks reach through `ctx.services`: filled by declaration merging (src/tasks/services.ts), so that the engine knows no mail and no files. */
    interface Services {}
  }
}

export interface Progress {
  /** 0–100, or null when the end is unknown. */
  percent: number | null;
  message: string | null;
  current: number | null;
  total: number | null;
}

/** What a running task is given. */
export interface TaskContext {
  id: string;
  /** 1 for the first attempt. Snoozed attempts do not count. */
  attempt: number;
  /** Epoch milliseconds at which the task was enqueued: stable over all attempts. */
  createdAt: number;
  /** Aborted when the task is revoked, times out, or its lease is lost. Pass it to `fetch`. */
  signal: AbortSignal;
  /** Stable over all attempts and redeliveries of this task: hand it to whoever can refuse a repeat. */
  idempotencyKey: string;
  services: Errand.Services;
  /** Kept with the attempt (at most 100 lines, 16 KiB) and written to the Worker's log. */
  log(message: string, fields?: Record<string, unknown>): void;
  /** Shown beside the state. Cheap to call often: written at most about once a second. */
  progress(percent: number | null, message?: string, counts?: { current: number; total: number }): void;
  /** Ends this attempt and asks for another. Throws. Consumes an attempt. */
  retry(options?: { in?: number }): never;
  /** Ends this attempt as if it had not been and runs again in `for` seconds. Throws. */
  snooze(options: { for: number }): never;
  /** Ends the task as FAILURE, whatever retries are left. Throws. */
  fail(reason: string): never;
  /**
   * Calls a dependency behind its circuit breaker. While the circuit is open this throws at once, and the task waits for the
   * next probe without consuming an attempt. `isFault`: which errors count as the dependency's; default: all.
   */
  circuit<T>(dependency: string, work: () => Promise<T>, isFault?: (error: unknown) => boolean): Promise<T>;
}

/** Work that shall not be enqueued twice; see EnqueueOptions.unique for what each field means. */
export interface UniqueRule<Input> {
  forSeconds: number;
  /** Default: the whole input. */
  key?: (input: Input) => string;
  until?: 'success' | 'start' | 'forever';
  onConflict?: 'return' | 'reject' | 'replace';
}

/** How many tasks may run at once. */
export interface ConcurrencyRule<Input> {
  limit: number;
  /** Tasks with the same key share the limit. Default: all tasks of the definition share one. */
  key?: (input: Input) => string;
}

export interface TaskOptions<Input extends z.ZodType, Output extends z.ZodType> {
  /** `area.verb` or `area.verb_noun`, stable for ever: it is stored. */
  name: string;
  input: Input;
  /** Checked before a result is kept. */
  output: Output;
  /** Default: what the table of routes says, else `default`. */
  queue?: QueueName;
  retry?: RetryPolicy;
  /** Seconds an attempt may take. 1–780, default 300. A timeout is an error like any other: retried by policy. */
  timeoutSeconds?: number;
  unique?: UniqueRule<z.output<Input>>;
  /** Attempts started in a window over all isolates: `10/s`, `100/m`, `3/h`. Evenly spread, with a burst of one. */
  rateLimit?: string;
  concurrency?: ConcurrencyRule<z.output<Input>>;
  /** By name, when the task is to be enqueued by itself. */
  schedules?: Record<string, ScheduleRule<z.input<Input>>>;
  run(input: z.output<Input>, ctx: TaskContext): z.input<Output> | Promise<z.input<Output>>;
}

/** What the engine needs of a definition: the same for all, whatever their types. */
export interface AnyDefinition {
  readonly name: string;
  /** undefined: by the table of routes. */
  readonly queue: QueueName | undefined;
  readonly maxRetries: number;
  readonly backoff: Backoff;
  readonly timeoutSeconds: number;
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  readonly unique: UniqueRule<unknown> | undefined;
  readonly rateLimit: Rate | undefined;
  readonly concurrency: ConcurrencyRule<unknown> | undefined;
  readonly schedules: Record<string, ScheduleRule<unknown>>;
  /** Is another attempt worth it after this error? */
  shouldRetry(error: unknown): boolean;
  run(input: unknown, ctx: TaskContext): unknown;
}

/** A definition: what `defineTask` returns. `Input` is what callers pass, `Output` what the task results in. */
export interface Definition<Input, Output> extends AnyDefinition {
  readonly output: z.ZodType<Output>;
  /** Celery's `.delay`: enqueue with no options. Resolves once the task is committed. */
  delay(input: Input): Promise<Receipt>;
  /** Celery's `.apply_async`. Throws EngineError `invalid_input`, `invalid_options`, `idempotency_conflict`, `unique_conflict`, `backlog_full`, `store_unavailable`. */
  enqueue(input: Input, options?: EnqueueOptions): Promise<Receipt>;
  /** A signature: a part of a workflow, with some of its input; the rest flows in. */
  s<const Bound extends Partial<Input> = Record<never, never>>(
    bound?: Bound,
  ): Signature<Rest<Input, Bound>, Flow<Output>>;
  /** An immutable signature: it takes nothing from the link before. */
  si(input: Input): Signature<unknown, Flow<Output>>;
  /** Starts in this very invocation, after the response; goes to the queue if it has not finished in time. */
  background(input: Input): Promise<Receipt>;
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;
/** A delivery may last 15 minutes; what it started last must still fit. */
const MAX_TIMEOUT_SECONDS = 780;

/** Makes a definition. Throws a plain Error at start-up for a malformed name, an impossible timeout, rate or limit. */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType>(
  options: TaskOptions<Input, Output>,
): Definition<z.input<Input>, z.output<Output>> {
  const { name, timeoutSeconds = 300, retry = {} } = options;
  if (!NAME.test(name))
    throw new Error(`task name "${name}" is not of the form area.verb (lower case, dots, underscores)`);
  if (!(timeoutSeconds >= 1 && timeoutSeconds <= MAX_TIMEOUT_SECONDS)) {
    throw new Error(`${name}: timeoutSeconds must be 1–${MAX_TIMEOUT_SECONDS}, not ${timeoutSeconds}`);
  }
  const { unique, concurrency } = options;
  if (unique?.onConflict === 'replace' && (unique.until ?? 'start') !== 'start')
    throw new Error(`${name}: unique.until must be "start" where the latest input replaces`);
  if (concurrency && !(Number.isInteger(concurrency.limit) && concurrency.limit >= 1))
    throw new Error(`${name}: concurrency.limit must be a whole number from 1, not ${concurrency.limit}`);
  const definition: Definition<z.input<Input>, z.output<Output>> = {
    name,
    queue: options.queue,
    maxRetries: retry.max ?? 3,
    backoff: retry.backoff ?? exponential(),
    timeoutSeconds,
    input: options.input,
    output: options.output as z.ZodType<z.output<Output>>,
    unique: options.unique as AnyDefinition['unique'],
    rateLimit: options.rateLimit === undefined ? undefined : parseRate(options.rateLimit),
    concurrency: options.concurrency as AnyDefinition['concurrency'],
    schedules: options.schedules ?? {},
    shouldRetry: (error) => !retry.failOn?.(error) && (retry.retryOn?.(error) ?? true),
    run: options.run as AnyDefinition['run'],
    delay: (input) => definition.enqueue(input),
    async enqueue(input, enqueueOptions = {}) {
      const [receipt] = await enqueue(currentEngine(), [{ definition, input, options: enqueueOptions }]);
      return receipt as Receipt;
    },
    s: (bound) => signature(definition, bound ?? {}) as never,
    si: (input) => signature(definition, input as Partial<typeof input>, { immutable: true }) as never,
    background: (input) => runInBackground(currentEngine(), definition, input),
  };
  return definition;
}
