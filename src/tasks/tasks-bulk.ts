// tasks.revoke, tasks.retry: revoke or retry every task that a filter finds, in portions, with progress. Running them twice is
// safe: a revoked task is not changed again, and only tasks that ended before this one was enqueued are retried.
import { z } from 'zod';
import { defineTask, QUEUE_NAMES, STATES, type TaskContext, type TaskSummary } from '../engine/index.ts';

/** The same filter as the query of GET /tasks. */
export const taskFilter = z.strictObject({
  status: z.enum(STATES).optional(),
  name: z.string().max(200).optional(),
  queue: z.enum(QUEUE_NAMES).optional(),
  tag: z.string().max(64).optional(),
  /** A part of a task name, or the beginning of a task id. */
  text: z.string().min(2).max(100).optional(),
  workflow_id: z.uuid().optional(),
  batch_id: z.uuid().optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

/** A filter that must not be empty, so that a mistake cannot change every task. */
export const someFilter = taskFilter.refine(
  (given) => Object.values(given).some((value) => value !== undefined),
  'must have at least one field',
);

type Filter = z.output<typeof taskFilter>;

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

const input = z.object({
  filter: someFilter,
  /** Set when this task continues another: the last task that one handled, and how many it had changed. */
  before: z.uuid().optional(),
  done: z.int().min(0).default(0),
});

const output = z.object({
  /** How many tasks were changed, including those of the tasks that this one continues. */
  changed: z.int(),
  /** The task that continues this one; null when everything is done. */
  continued_by: z.uuid().nullable(),
});

/** D1 allows 1,000 queries in one invocation; half of them are left for the changes themselves. */
const MAX_QUERIES = 500;

type Change = (tasks: TaskSummary[], ctx: TaskContext) => Promise<number>;

/** `portion`: how many tasks are handled together. The queries for one portion must be far fewer than MAX_QUERIES. */
function bulkTask(name: string, verb: string, portion: number, change: Change) {
  const task = defineTask({
    name,
    input,
    output,
    queue: 'high',
    timeoutSeconds: 600,
    async run({ filter, before, done }, ctx): Promise<z.output<typeof output>> {
      const enqueuedBefore = { until: Math.min(filterOf(filter).until ?? Infinity, ctx.createdAt) };
      let changed = done;
      let cursor = before;
      const queriesBefore = ctx.tasks.queriesSoFar();
      while (ctx.tasks.queriesSoFar() - queriesBefore < MAX_QUERIES) {
        ctx.signal.throwIfAborted();
        const page = { limit: portion, before: cursor };
        const tasks = await ctx.tasks.list({ ...filterOf(filter), ...enqueuedBefore }, page);
        changed += await change(tasks, ctx);
        ctx.progress(null, `${changed} ${verb}`, { current: changed, total: changed });
        if (tasks.length < portion) return { changed, continued_by: null };
        cursor = tasks.at(-1)?.id;
      }
      const options = { idempotencyKey: `${ctx.idempotencyKey}:next` };
      const next = await ctx.enqueue(task, { filter, before: cursor, done: changed }, options);
      return { changed, continued_by: next.taskId };
    },
  });
  return task;
}

export const revokeByFilter = bulkTask('tasks.revoke', 'revoked', 1000, (tasks, ctx) =>
  ctx.tasks.revoke(tasks.map(({ id }) => id).filter((id) => id !== ctx.id)),
);

/** A workflow that is unfinished, or in which nothing failed, is left as it is. */
export const retryByFilter = bulkTask('tasks.retry', 'to run again', 50, async (tasks, ctx) => {
  const ids = tasks.filter(({ workflowId }) => workflowId === undefined).map(({ id }) => id);
  const workflows = new Set(tasks.flatMap(({ workflowId }) => workflowId ?? []));
  let changed = await ctx.tasks.retry(ids, ctx.createdAt);
  for (const id of workflows) changed += await ctx.tasks.retryWorkflow(id, ctx.createdAt);
  return changed;
});
