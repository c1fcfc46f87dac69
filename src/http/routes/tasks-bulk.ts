// POST /tasks/revoke, POST /tasks/retry: change every task that a filter matches. A task does the work and shows its progress.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, type Engine, enqueueOne } from '../../engine/manage.ts';
import { retryByFilter, revokeByFilter, someFilter } from '../../tasks/index.ts';
import { jsonBody, locatedReply } from '../content.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const bulk = (verb: 'revoke' | 'retry', summary: string) =>
  route({
    method: 'post',
    path: `/tasks/${verb}`,
    access: 'tasks:write',
    summary,
    request: { body: jsonBody(strictObject({ filter: someFilter })) },
    responses: { 202: locatedReply('The task that does it', z.object({ task_id: z.uuid() })) },
  });

export const tasksBulk = resource()
  .openapi(bulk('revoke', 'Revoke every unfinished task that matches a filter'), async (c) => {
    const started = await start(c.var.services.engine, revokeByFilter, c.req.valid('json'));
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  })
  .openapi(bulk('retry', 'Retry every final task that matches a filter; of workflows, the failed tasks'), async (c) => {
    const started = await start(c.var.services.engine, retryByFilter, c.req.valid('json'));
    return c.json(started, 202, { location: `/tasks/${started.task_id}` });
  });

async function start(engine: Engine, definition: AnyDefinition, input: object): Promise<{ task_id: string }> {
  return { task_id: (await enqueueOne(engine, { definition, input })).taskId };
}
