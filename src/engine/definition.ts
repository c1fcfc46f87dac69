// defineTask(): a name, schemas and a function → a definition that can be enqueued. Holds no state and does no I/O.
import type { z } from 'zod';
import { lazy } from '../lazy.ts';
import { startInBackground } from './background.ts';
import type { BatchOutcome } from './batch/outcome.ts';
import { type BatchRule, batchFault } from './batch/rule.ts';
import { runAlone } from './batch/run-alone.ts';
import { currentEngine } from './current.ts';
import type { ConcurrencyRule, Declaration, Typed, UniqueRule } from './declaration.ts';
import { enqueueOne } from './enqueue.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import { eventFaults } from './events/event.ts';
import type { AnyDefinition, BatchContext, Handler, RunMany, TaskContext } from './handler.ts';
import { parseRate } from './limits/rate.ts';
import type { QueueName } from './queues.ts';
import type { Receipt } from './receipt.ts';
import { exponential, type RetryPolicy } from './retry.ts';
import type { ScheduleRule } from './schedule/entry.ts';
import type { Flow, Rest, Signature } from './workflow/part.ts';
import { signature } from './workflow/signature.ts';

/** What every definition declares. */
interface DeclaredOptions<Input extends z.ZodType, Output extends z.ZodType> {
  /** `area.verb` or `area.verb_noun`, stable for ever: it is stored. */
  name: string;
  /** A schema, or a function that makes it. The function is called once, on first use: then no start of the Worker makes the schema. */
  input: Input | (() => Input);
  /** Checked before a result is kept. A schema or a function, as `input`. */
  output: Output | (() => Output);
  /** Default: what the table of routes says, else `default`. */
  queue?: QueueName;
  /**
   * `here`: a task that is enqueued outside of workflows and schedules, by a call of at most ten, starts at once in the invocation of the call,
   * after its reply. Its queue takes over if there is no place, or if it has not finished in time. Default: `queue`.
   */
  start?: 'queue' | 'here';
  retry?: RetryPolicy;
  /** Seconds an attempt may take. 1–780, default 300. A timeout is an error like any other: retried by policy. */
  timeoutSeconds?: number;
  /** Seconds from the start of the first attempt after which the task is FAILURE `deadline`, over all attempts, sleeps and waits. Default: none. */
  deadlineSeconds?: number;
  unique?: UniqueRule<z.output<Input>>;
  /** Attempts started in a window over all isolates: `10/s`, `100/m`, `3/h`. Evenly spread, with a burst of one. */
  rateLimit?: string;
  concurrency?: ConcurrencyRule<z.output<Input>>;
  /** Types of events. Each such event enqueues one task, with its payload as the input. */
  on?: readonly string[];
  /** By name. Each enqueues a task at its times. */
  schedules?: Record<string, ScheduleRule<z.input<Input>>>;
}

/** A definition whose handler runs one task. */
export interface TaskOptions<Input extends z.ZodType, Output extends z.ZodType> extends DeclaredOptions<Input, Output> {
  run(input: z.output<Input>, ctx: TaskContext): z.input<Output> | Promise<z.input<Output>>;
  batch?: never;
  runMany?: never;
}

/** A definition whose handler runs up to `batch.size` tasks in one call: for APIs that take many at once. */
export interface BatchTaskOptions<Input extends z.ZodType, Output extends z.ZodType>
  extends DeclaredOptions<Input, Output> {
  batch: BatchRule;
  /** One outcome for each input, in the order of the inputs. What it throws ends the attempts of all tasks. */
  runMany(
    inputs: z.output<Input>[],
    ctx: BatchContext,
  ): BatchOutcome<z.input<Output>>[] | Promise<BatchOutcome<z.input<Output>>[]>;
  /** Tasks that gather do not start at once. */
  start?: 'queue';
  run?: never;
}

type AnyOptions<Input extends z.ZodType, Output extends z.ZodType> =
  | TaskOptions<Input, Output>
  | BatchTaskOptions<Input, Output>;

/** A definition: what `defineTask` returns. `Input` is what callers pass, `Output` what the task results in. */
export interface Definition<Input, Output> extends AnyDefinition, Typed<Input, Output> {
  readonly output: z.ZodType<Output>;
  /** Celery's `.delay`: enqueues with no options. Resolves once the task is committed. */
  delay(input: Input): Promise<Receipt>;
  /** Celery's `.apply_async`. Throws EngineError `invalid_input`, `invalid_options`, `idempotency_conflict`, `unique_conflict`, `backlog_full`, `store_unavailable`. */
  enqueue(input: Input, options?: EnqueueOptions): Promise<Receipt>;
  /** A signature: a part of a workflow with some of its input; the rest comes from the part before. */
  s<const Bound extends Partial<Input> = Record<never, never>>(
    bound?: Bound,
  ): Signature<Rest<Input, Bound>, Flow<Output>>;
  /** An immutable signature: it takes nothing from the part before. */
  si(input: Input): Signature<unknown, Flow<Output>>;
  /** Starts the task in this invocation, after the response; the queue takes over if it has not finished in time. */
  background(input: Input): Promise<Receipt>;
}

const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;
/** A delivery may last 15 minutes, and a task that starts last must still fit. */
const MAX_TIMEOUT_SECONDS = 780;
/** Ten years. */
const MAX_DEADLINE_SECONDS = 315_360_000;
const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_MAX_RETRIES = 3;

/** Makes a definition. Throws a plain Error at start-up for a malformed name or event type, an impossible timeout, rate, limit or batch. */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType>(
  options: AnyOptions<Input, Output>,
): Definition<z.input<Input>, z.output<Output>> {
  const input = schemaOf(options.input);
  const output = schemaOf(options.output);
  const definition: Definition<z.input<Input>, z.output<Output>> = {
    ...declare(options),
    get input() {
      return input();
    },
    get output() {
      return output() as z.ZodType<z.output<Output>>;
    },
    handler: handlerOf(options),
    delay: (given) => definition.enqueue(given),
    enqueue: (given, enqueueOptions = {}) =>
      enqueueOne(currentEngine(), { definition, input: given, options: enqueueOptions }),
    s: (bound) => signature(definition, bound ?? {}) as never,
    si: (given) => signature(definition, given as Partial<typeof given>, { immutable: true }) as never,
    background: (given) => startInBackground(currentEngine(), { definition, input: given }),
  };
  return definition;
}

function schemaOf<Schema extends z.ZodType>(given: Schema | (() => Schema)): () => Schema {
  return typeof given === 'function' ? lazy(given) : () => given;
}

function declare(options: AnyOptions<z.ZodType, z.ZodType>): Omit<Declaration, 'input' | 'output'> {
  const { name, queue, start = 'queue', timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, retry = {} } = options;
  const { unique, concurrency } = options;
  if (!NAME.test(name))
    throw new Error(`task name "${name}" is not of the form area.verb (lower case, dots, underscores)`);
  if (!(timeoutSeconds >= 1 && timeoutSeconds <= MAX_TIMEOUT_SECONDS))
    throw new Error(`${name}: timeoutSeconds must be 1–${MAX_TIMEOUT_SECONDS}, not ${timeoutSeconds}`);
  if (
    options.deadlineSeconds !== undefined &&
    !(options.deadlineSeconds >= 1 && options.deadlineSeconds <= MAX_DEADLINE_SECONDS)
  )
    throw new Error(`${name}: deadlineSeconds must be 1–${MAX_DEADLINE_SECONDS}, not ${options.deadlineSeconds}`);
  if (unique?.onConflict === 'replace' && (unique.until ?? 'start') !== 'start')
    throw new Error(`${name}: unique.until must be "start" when the latest input replaces the earlier one`);
  if (concurrency && !(Number.isInteger(concurrency.limit) && concurrency.limit >= 1))
    throw new Error(`${name}: concurrency.limit must be a whole number from 1, not ${concurrency.limit}`);
  const fault = handlerFault(options);
  if (fault) throw new Error(`${name}: ${fault}`);
  const rateLimit = options.rateLimit === undefined ? undefined : parseRate(options.rateLimit);
  const maxRetries = retry.max ?? DEFAULT_MAX_RETRIES;
  const schedules = options.schedules ?? {};
  const { batch, deadlineSeconds, on = [] } = options;
  for (const type of on) {
    const [fault] = eventFaults({ type });
    if (fault) throw new Error(`${name}: the event type "${type}" ${fault.message}`);
  }
  const limits = { timeoutSeconds, deadlineSeconds, unique, rateLimit, concurrency, batch };
  return { name, queue, start, maxRetries, ...limits, on, schedules };
}

/** Why the definition says no clear way to run its tasks; undefined when it does. Code without types may write anything. */
function handlerFault({ batch, start, run, runMany }: AnyOptions<z.ZodType, z.ZodType>): string | undefined {
  if (run && runMany) return 'run and runMany exclude each other: write runMany for tasks that run in batches';
  if (!batch) return runMany ? 'runMany needs batch: { size }' : undefined;
  if (!runMany) return 'batch needs runMany instead of run';
  if ((start as string | undefined) === 'here')
    return "start: 'here' and batch exclude each other: a task that starts at once waits for no others";
  return batchFault(batch);
}

function handlerOf(options: AnyOptions<z.ZodType, z.ZodType>): Handler {
  const { name, retry = {}, run } = options;
  const runMany = options.runMany as RunMany | undefined;
  return {
    run: runMany ? runAlone(name, runMany) : (run as Handler['run']),
    ...(runMany && { runMany }),
    shouldRetry: (error) => !retry.failOn?.(error) && (retry.retryOn?.(error) ?? true),
    backoff: retry.backoff ?? exponential(),
  };
}
