// POST /tasks/revoke, POST /tasks/retry: change every task that a filter matches. A task does the work and shows its progress.
import { z } from '@hono/zod-openapi';
import {
  type AnyDefinition,
  countRetriable,
  type Engine,
  enqueueOne,
  isFinal,
  listTasks,
  type TaskFilter,
  type TaskSummary,
} from '../../engine/manage.ts';
import { bulkRetry, filterOf, retriedBy, retryByFilter, revokeByFilter, someFilter } from '../../tasks/index.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

const DryRun = z
  .object({
    count: z
      .int()
      .describe(
        'Tasks that the call would change. A retry of a task in a workflow retries the workflow: all tasks count that would run again there',
      ),
    is_complete: z.boolean().describe('false: there are more matching tasks than were counted'),
    by: z.array(z.object({ name: z.string(), status: z.string(), count: z.int() })),
  })
  .openapi('DryRun');

const dryRun = { dry_run: z.boolean().optional().describe('Count the tasks and change none') };

const bulk = <Body extends z.ZodType>(verb: 'revoke' | 'retry', summary: string, body: Body) =>
  route({
    method: 'post',
    path: `/tasks/${verb}`,
    access: 'tasks:write',
    refuses: ['unique_conflict', 'idempotency_conflict', 'backlog_full'],
    summary,
    request: { headers: idempotencyHeader, body: jsonBody(body) },
    responses: {
      200: jsonReply('With `dry_run`: how many tasks, by name and status', DryRun),
      202: locatedReply('The task that does it', z.object({ task_id: z.uuid(), ...repeatFields })),
    },
  });

const revoke = bulk(
  'revoke',
  'Revoke every unfinished task that matches a filter',
  strictObject({ filter: someFilter(), ...dryRun }),
);

const retry = bulk(
  'retry',
  'Retry every failed task that matches a filter; other final tasks only when the call names them',
  bulkRetry().safeExtend(dryRun).strict(),
);

export const tasksBulk = resource()
  .openapi(revoke, async (c) => {
    const { engine } = c.var.services;
    const { filter, dry_run } = c.req.valid('json');
    if (dry_run) return c.json(await countRevoked(engine, filterOf(filter)), 200);
    const started = await start(c, revokeByFilter, { filter });
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  })
  .openapi(retry, async (c) => {
    const { engine } = c.var.services;
    const { dry_run, ...given } = c.req.valid('json');
    if (dry_run) return c.json(await countRetried(engine, retriedBy(given)), 200);
    const started = await start(c, retryByFilter, given);
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  });

async function start(c: HttpContext, definition: AnyDefinition, input: object) {
  const options = { idempotencyKey: idempotencyKeyOf(c) };
  const { taskId, ...receipt } = await enqueueOne(c.var.services.engine, { definition, input, options });
  return { task_id: taskId, ...duplicateJson(receipt) };
}

const PORTION = 1000;
/** 20,000 tasks at most. */
const MAX_PORTIONS = 20;

type Kinds = Map<string, { name: string; status: string; count: number }>;

function countInto(kinds: Kinds, name: string, status: string, count: number): void {
  const kind = kinds.get(`${name} ${status}`) ?? { name, status, count: 0 };
  kind.count += count;
  kinds.set(`${name} ${status}`, kind);
}

/** The kinds of the tasks that the filter finds and `take` keeps, and whether these are all that it finds. */
async function countKinds(
  engine: Engine,
  filter: TaskFilter,
  take: (task: TaskSummary) => boolean,
): Promise<{ kinds: Kinds; isComplete: boolean }> {
  const kinds: Kinds = new Map();
  let before: string | undefined;
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const tasks = await listTasks(engine, filter, { limit: PORTION, before });
    for (const { name, state } of tasks.filter(take)) countInto(kinds, name, state, 1);
    if (tasks.length < PORTION) return { kinds, isComplete: true };
    before = tasks.at(-1)?.id;
  }
  return { kinds, isComplete: false };
}

async function countRevoked(engine: Engine, filter: TaskFilter): Promise<z.infer<typeof DryRun>> {
  return dryRunJson(await countKinds(engine, filter, ({ state }) => !isFinal(state)));
}

/** Members of workflows run again with their workflow, so those count that a retry of the workflow would run again. */
async function countRetried(engine: Engine, filter: TaskFilter): Promise<z.infer<typeof DryRun>> {
  const workflows = new Set<string>();
  const counted = await countKinds(engine, filter, ({ state, workflowId }) => {
    if (workflowId !== undefined) workflows.add(workflowId);
    return workflowId === undefined && isFinal(state);
  });
  const ids = [...workflows];
  for (let at = 0; at < ids.length; at += PORTION) {
    const found = await countRetriable(engine, ids.slice(at, at + PORTION));
    for (const { name, state, count } of found) countInto(counted.kinds, name, state, count);
  }
  return dryRunJson(counted);
}

function dryRunJson({ kinds, isComplete }: { kinds: Kinds; isComplete: boolean }): z.infer<typeof DryRun> {
  const by = [...kinds.values()].sort((a, b) => b.count - a.count);
  return { count: by.reduce((sum, { count }) => sum + count, 0), is_complete: isComplete, by };
}
