// /tasks: enqueue one, list.
import { acceptedTask, enqueueOne, findTask, listTasks, startInBackground } from '../../engine/manage.ts';
import { filterOf, taskFilter } from '../../tasks/index.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { createIdPager, pageOf, pageQuery } from '../page.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, summaryJson, TaskJson, TaskSummaryJson, taskJson } from '../task-json.ts';
import {
  checkCallbacks,
  ENQUEUE_REFUSALS,
  MAX_TASKS_BODY_BYTES,
  requireDefinition,
  SingleTaskRequest,
  toRequest,
} from '../task-request.ts';

const create = route({
  method: 'post',
  path: '/tasks',
  access: 'tasks:write',
  refuses: [...ENQUEUE_REFUSALS, 'unknown_task'],
  maxBodyBytes: MAX_TASKS_BODY_BYTES,
  summary: 'Enqueue a task',
  request: {
    body: jsonBody(SingleTaskRequest),
    headers: idempotencyHeader,
  },
  responses: { 202: locatedReply('The task', TaskJson) },
});

const pager = createIdPager('tasks');

const list = route({
  method: 'get',
  path: '/tasks',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'List tasks, newest first',
  request: { query: strictObject({ ...taskFilter().shape, ...pageQuery({ defaultLimit: 50, maxLimit: 1000 }) }) },
  responses: { 200: jsonReply('A page', pageOf(TaskSummaryJson)) },
});

export const tasks = resource()
  .openapi(create, async (c) => {
    const { engine } = c.var.services;
    const { options: { background, ...options } = {}, ...body } = c.req.valid('json');
    const idempotencyKey = options.idempotency_key ?? idempotencyKeyOf(c);
    checkCallbacks(c, [{ path: 'options.callback_url', url: options.callback_url }]);
    const definition = requireDefinition(engine, body.name);
    const request = toRequest(definition, {
      ...body,
      options: { ...options, ...(idempotencyKey && { idempotency_key: idempotencyKey }) },
    });
    const receipt = background
      ? await startInBackground(engine, request)
      : await enqueueOne(engine, { ...request, ...(background === false && { start: 'queue' }) });
    const { accepted, startedAt } = receipt;
    const { version } = engine.settings;
    const task = accepted
      ? acceptedTask(accepted, startedAt === undefined ? undefined : { startedAt, version })
      : await findTask(engine, receipt.taskId);
    const shown = { ...(await taskJson(engine, task)), ...duplicateJson(receipt) };
    return c.json(shown, 202, { location: `/tasks/${receipt.taskId}` });
  })
  .openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    const wanted = { limit: limit + 1, before: pager.read(cursor) };
    const found = await listTasks(c.var.services.engine, filterOf(filter), wanted);
    const { rows, next_cursor } = pager.page(found, limit, ({ id }) => id);
    return c.json({ items: rows.map(summaryJson), next_cursor }, 200);
  });
