// POST /tasks/revoke, POST /tasks/retry: what a filter finds. The work is a task, which shows its progress.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, type Engine, enqueue } from '../../engine/manage.ts';
import { retryByFilter, revokeByFilter, someFilter } from '../../tasks/index.ts';
import { resource, route } from '../route.ts';

const bulk = (verb: 'revoke' | 'retry', summary: string) =>
  route({
    method: 'post',
    path: `/tasks/${verb}`,
    access: 'tasks:write',
    summary,
    request: {
      body: { required: true, content: { 'application/json': { schema: z.strictObject({ filter: someFilter }) } } },
    },
    responses: {
      202: {
        description: 'The task that does it',
        content: { 'application/json': { schema: z.object({ task_id: z.uuid() }) } },
        headers: z.object({ location: z.string() }),
      },
    },
  });

export const tasksBulk = resource()
  .openapi(bulk('revoke', 'Revoke every unfinished task that a filter finds'), async (c) => {
    const started = await start(c.var.services.engine, revokeByFilter, c.req.valid('json'));
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  })
  .openapi(bulk('retry', 'Run every final task again that a filter finds; of workflows, what failed'), async (c) => {
    const started = await start(c.var.services.engine, retryByFilter, c.req.valid('json'));
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  });

async function start(engine: Engine, definition: AnyDefinition, input: object): Promise<{ task_id: string }> {
  const [receipt] = await enqueue(engine, [{ definition, input }]);
  return { task_id: receipt?.taskId ?? '' };
}
