// tasks.revoke, tasks.retry: revoke or retry every task that a filter finds, in portions, with progress. Running them twice is
// safe: a revoked task is not changed again, and only tasks that ended before this one was enqueued are retried.
import { z } from 'zod';
import {
  defineTask,
  QUEUE_NAMES,
  STATES,
  type TaskContext,
  type TaskFilter,
  type TaskSummary,
} from '../engine/index.ts';
import { lazy } from '../lazy.ts';

/** The same filter as the query of GET /tasks. */
export const taskFilter = lazy(() =>
  z.strictObject({
    status: z.enum(STATES).optional(),
    name: z.string().max(200).optional(),
    queue: z.enum(QUEUE_NAMES).optional(),
    tag: z.string().max(64).optional(),
    text: z
      .string()
      .trim()
      .min(2)
      .max(100)
      .optional()
      .describe(
        'Words that must all match. Each is a part of a task name, the beginning of a task id (4 digits or more), or the end of the id of one of the newest 20,000 tasks (8 to 12 digits)',
      ),
    workflow_id: z.uuid().optional(),
    batch_id: z.uuid().optional(),
    version: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('The id or the tag of the deployed version under which the last attempt ran'),
    since: z.iso.datetime({ offset: true }).optional(),
    until: z.iso.datetime({ offset: true }).optional(),
  }),
);

/** A filter that must not be empty, so that a mistake cannot change every task. */
export const someFilter = lazy(() =>
  taskFilter().refine(
    (given) => Object.values(given).some((value) => value !== undefined),
    'must have at least one field',
  ),
);

type Filter = z.output<ReturnType<typeof taskFilter>>;

/** Translates the filter to the engine's names. */
export function filterOf({ status, workflow_id, batch_id, since, until, ...same }: Filter) {
  return {
    ...same,
    state: status,
    workflowId: workflow_id,
    batchId: batch_id,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
}

/** Which of the matching tasks a bulk retry takes. */
export const bulkRetry = lazy(() =>
  z
    .object({
      filter: someFilter(),
      /** Also run tasks again that succeeded. Without it and without a status in the filter, only failed tasks run again. */
      include_succeeded: z.boolean().default(false),
    })
    .refine(({ filter, include_succeeded }) => filter.status !== 'SUCCESS' || include_succeeded, {
      path: ['include_succeeded'],
      message: 'must be true to run tasks again that succeeded',
    }),
);

/** The tasks that a bulk retry with this input looks at, in the engine's names. */
export function retriedBy({ filter, include_succeeded }: z.output<ReturnType<typeof bulkRetry>>) {
  return { ...filterOf(filter), state: filter.status ?? (include_succeeded ? undefined : ('FAILURE' as const)) };
}

const progressed = lazy(() => ({
  /** Set when this task continues another: the last task that one handled, and how many it had changed. */
  before: z.uuid().optional(),
  done: z.int().min(0).default(0),
}));

const output = lazy(() =>
  z.object({
    /** How many tasks were changed, including those of the tasks that this one continues. */
    changed: z.int(),
    /** The task that continues this one; null when everything is done. */
    continued_by: z.uuid().nullable(),
  }),
);

/** D1 allows 1,000 queries in one invocation; half of them are left for the changes themselves. */
const MAX_QUERIES = 500;

type Change = (tasks: TaskSummary[], ctx: TaskContext) => Promise<number>;

interface Bulk {
  /** How a portion of changed tasks is reported: `3 revoked`. */
  verb: string;
  /** How many tasks are handled together. The queries for one portion must be far fewer than MAX_QUERIES. */
  portion: number;
  filter: TaskFilter;
  change: Change;
}

/** Handles the matching tasks in portions. Continues in another task when its queries are used up. */
async function runBulk(
  { before, done }: { before?: string | undefined; done: number },
  ctx: TaskContext,
  { verb, portion, filter, change }: Bulk,
): Promise<{ changed: number; continueFrom: string | undefined }> {
  const until = Math.min(filter.until ?? Infinity, ctx.createdAt);
  let changed = done;
  let cursor = before;
  const queriesBefore = ctx.tasks.queriesSoFar();
  while (ctx.tasks.queriesSoFar() - queriesBefore < MAX_QUERIES) {
    ctx.signal.throwIfAborted();
    const tasks = await ctx.tasks.list({ ...filter, until }, { limit: portion, before: cursor });
    changed += await change(tasks, ctx);
    ctx.progress(null, `${changed} ${verb}`, { current: changed, total: changed });
    if (tasks.length < portion) return { changed, continueFrom: undefined };
    cursor = tasks.at(-1)?.id;
  }
  return { changed, continueFrom: cursor };
}

const common = { output, queue: 'high', timeoutSeconds: 600 } as const;

const nextKey = (ctx: TaskContext) => ({ idempotencyKey: `${ctx.idempotencyKey}:next` });

export const revokeByFilter = defineTask({
  name: 'tasks.revoke',
  input: () => z.object({ filter: someFilter(), ...progressed() }),
  ...common,
  async run(given, ctx): Promise<z.output<ReturnType<typeof output>>> {
    const { changed, continueFrom } = await runBulk(given, ctx, {
      verb: 'revoked',
      portion: 1000,
      filter: filterOf(given.filter),
      change: (tasks) => ctx.tasks.revoke(tasks.map(({ id }) => id).filter((id) => id !== ctx.id)),
    });
    if (continueFrom === undefined) return { changed, continued_by: null };
    const rest = { ...given, before: continueFrom, done: changed };
    return { changed, continued_by: (await ctx.enqueue(revokeByFilter, rest, nextKey(ctx))).taskId };
  },
});

/** A workflow that is unfinished, or in which nothing failed, is left as it is. */
export const retryByFilter = defineTask({
  name: 'tasks.retry',
  input: () => bulkRetry().safeExtend(progressed()),
  ...common,
  async run(given, ctx): Promise<z.output<ReturnType<typeof output>>> {
    const { changed, continueFrom } = await runBulk(given, ctx, {
      verb: 'to run again',
      portion: 50,
      filter: retriedBy(given),
      change: retryAll,
    });
    if (continueFrom === undefined) return { changed, continued_by: null };
    const rest = { ...given, before: continueFrom, done: changed };
    return { changed, continued_by: (await ctx.enqueue(retryByFilter, rest, nextKey(ctx))).taskId };
  },
});

async function retryAll(tasks: TaskSummary[], ctx: TaskContext): Promise<number> {
  const ids = tasks.filter(({ workflowId }) => workflowId === undefined).map(({ id }) => id);
  const workflows = new Set(tasks.flatMap(({ workflowId }) => workflowId ?? []));
  let changed = await ctx.tasks.retry(ids, ctx.createdAt);
  for (const id of workflows) changed += await ctx.tasks.retryWorkflow(id, ctx.createdAt);
  return changed;
}
