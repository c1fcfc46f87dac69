// tasks.revoke, tasks.retry: whatever a filter finds, in portions, with progress. Safe to run twice: revoking what is
// revoked changes nothing, and only what ended before the task was enqueued is run again.
import { z } from 'zod';
import {
  currentEngine,
  defineTask,
  type Engine,
  EngineError,
  enqueue,
  listTasks,
  QUEUES,
  retryFailed,
  retryMany,
  revokeMany,
  STATES,
  type TaskContext,
  type TaskSummary,
} from '../engine/index.ts';

/** As GET /tasks takes it. */
export const taskFilter = z.strictObject({
  status: z.enum(STATES).optional(),
  name: z.string().max(200).optional(),
  queue: z.enum(QUEUES).optional(),
  tag: z.string().max(64).optional(),
  workflow_id: z.uuid().optional(),
  since: z.iso.datetime({ offset: true }).optional(),
  until: z.iso.datetime({ offset: true }).optional(),
});

type Filter = z.output<typeof taskFilter>;

/** The engine's words for it. */
export function filterOf({ status, workflow_id, since, until, ...same }: Filter) {
  return {
    ...same,
    state: status,
    workflowId: workflow_id,
    since: since === undefined ? undefined : Date.parse(since),
    until: until === undefined ? undefined : Date.parse(until),
  };
}

const input = z.object({
  filter: taskFilter,
  /** Set by a task that continues another: where it stopped, and what it had done. */
  before: z.uuid().optional(),
  done: z.int().min(0).default(0),
});

const output = z.object({
  /** With those of the tasks that this one continues. */
  changed: z.int(),
  /** The task that goes on where this one stopped; null: all is done. */
  continued_by: z.uuid().nullable(),
});

const PORTION = 1000;
/** D1 allows 1,000 queries an invocation; a portion takes up to ten. */
const MAX_PORTIONS = 60;

type Change = (engine: Engine, tasks: TaskSummary[], ctx: TaskContext) => Promise<number>;

function bulkTask(name: string, verb: string, change: Change) {
  const task = defineTask({
    name,
    input,
    output,
    queue: 'high',
    timeoutSeconds: 600,
    async run({ filter, before, done }, ctx): Promise<z.output<typeof output>> {
      const engine = currentEngine();
      const enqueuedBefore = { until: Math.min(filterOf(filter).until ?? Infinity, ctx.createdAt) };
      let changed = done;
      let cursor = before;
      for (let portion = 0; portion < MAX_PORTIONS; portion++) {
        ctx.signal.throwIfAborted();
        const tasks = await listTasks(
          engine,
          { ...filterOf(filter), ...enqueuedBefore },
          { limit: PORTION, before: cursor },
        );
        changed += await change(engine, tasks, ctx);
        ctx.progress(null, `${changed} ${verb}`, { current: changed, total: changed });
        if (tasks.length < PORTION) return { changed, continued_by: null };
        cursor = tasks.at(-1)?.id;
      }
      const options = { idempotencyKey: `${ctx.idempotencyKey}:next` };
      const [next] = await enqueue(engine, [
        { definition: task, input: { filter, before: cursor, done: changed }, options },
      ]);
      return { changed, continued_by: next?.taskId ?? null };
    },
  });
  return task;
}

export const revokeByFilter = bulkTask('tasks.revoke', 'revoked', (engine, tasks, ctx) =>
  revokeMany(
    engine,
    tasks.map(({ id }) => id).filter((id) => id !== ctx.id),
  ),
);

export const retryByFilter = bulkTask('tasks.retry', 'to run again', async (engine, tasks, ctx) => {
  const ids = tasks.filter(({ workflowId }) => workflowId === undefined).map(({ id }) => id);
  const workflows = new Set(tasks.flatMap(({ workflowId }) => workflowId ?? []));
  let changed = await retryMany(engine, ids, ctx.createdAt);
  for (const id of workflows) changed += await retryWorkflow(engine, id);
  return changed;
});

/** What failed in the workflow runs again; one that is unfinished, or in which nothing failed, is left as it is. */
async function retryWorkflow(engine: Engine, id: string): Promise<number> {
  try {
    return await retryFailed(engine, id);
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'store_unavailable') return 0;
    throw error;
  }
}
