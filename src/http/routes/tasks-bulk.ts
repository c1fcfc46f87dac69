// POST /tasks/revoke, POST /tasks/retry: change every task that a filter matches. A task does the work and shows its progress.
import { z } from '@hono/zod-openapi';
import {
  type AnyDefinition,
  type Engine,
  enqueueOne,
  isFinal,
  listTasks,
  type TaskFilter,
} from '../../engine/manage.ts';
import { bulkRetry, filterOf, retriedBy, retryByFilter, revokeByFilter, someFilter } from '../../tasks/index.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const DryRun = z
  .object({
    count: z.int().describe('Matching tasks that the call would change'),
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
    summary,
    request: { body: jsonBody(body) },
    responses: {
      200: jsonReply('With `dry_run`: how many tasks, by name and status', DryRun),
      202: locatedReply('The task that does it', z.object({ task_id: z.uuid() })),
    },
  });

const revoke = bulk(
  'revoke',
  'Revoke every unfinished task that matches a filter',
  strictObject({ filter: someFilter, ...dryRun }),
);

const retry = bulk(
  'retry',
  'Retry every failed task that matches a filter; other final tasks only when the call names them',
  bulkRetry.safeExtend(dryRun).strict(),
);

export const tasksBulk = resource()
  .openapi(revoke, async (c) => {
    const { engine } = c.var.services;
    const { filter, dry_run } = c.req.valid('json');
    if (dry_run) return c.json(await countTasks(engine, filterOf(filter), 'unfinished'), 200);
    const started = await start(engine, revokeByFilter, { filter });
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  })
  .openapi(retry, async (c) => {
    const { engine } = c.var.services;
    const { dry_run, ...given } = c.req.valid('json');
    if (dry_run) return c.json(await countTasks(engine, retriedBy(given), 'final'), 200);
    const started = await start(engine, retryByFilter, given);
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  });

async function start(engine: Engine, definition: AnyDefinition, input: object): Promise<{ task_id: string }> {
  return { task_id: (await enqueueOne(engine, { definition, input })).taskId };
}

const PORTION = 1000;
/** 20,000 tasks at most. */
const MAX_PORTIONS = 20;

async function countTasks(
  engine: Engine,
  filter: TaskFilter,
  which: 'final' | 'unfinished',
): Promise<z.infer<typeof DryRun>> {
  const by = new Map<string, { name: string; status: string; count: number }>();
  let before: string | undefined;
  let isComplete = false;
  for (let portion = 0; portion < MAX_PORTIONS && !isComplete; portion++) {
    const tasks = await listTasks(engine, filter, { limit: PORTION, before });
    for (const { name, state } of tasks.filter(({ state }) => isFinal(state) === (which === 'final'))) {
      const kind = by.get(`${name} ${state}`) ?? { name, status: state, count: 0 };
      kind.count++;
      by.set(`${name} ${state}`, kind);
    }
    isComplete = tasks.length < PORTION;
    before = tasks.at(-1)?.id;
  }
  const kinds = [...by.values()].sort((a, b) => b.count - a.count);
  return { count: kinds.reduce((sum, { count }) => sum + count, 0), is_complete: isComplete, by: kinds };
}
