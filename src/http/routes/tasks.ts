// /tasks: enqueue one or many, look, list, revoke, retry.
import { z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import {
  acceptedTask,
  EngineError,
  type EnqueueRequest,
  enqueue,
  findTask,
  type Issue,
  listAttempts,
  listTasks,
  MAX_TASKS_PER_CALL,
  retryTask,
  revokeTask,
  startInBackground,
  waitForTask,
} from '../../engine/manage.ts';
import { filterOf, taskFilter } from '../../tasks/index.ts';
import type { HttpContext } from '../env.ts';
import { authorize } from '../middleware/authorize.ts';
import { HttpProblem } from '../problem.ts';
import { documentRoute, json, resource, route } from '../route.ts';
import {
  AttemptJson,
  attemptJson,
  costOfAttempts,
  summaryJson,
  TaskJson,
  TaskSummaryJson,
  taskJson,
} from '../task-json.ts';
import {
  checkCallbacks,
  OptionsJson,
  requireDefinition,
  SingleTaskRequest,
  TaskRequest,
  toRequest,
  unknownTask,
} from '../task-request.ts';

/** An input of 25 MB and what stands around it. */
const MAX_BODY_BYTES = 26_000_000;

const params = z.object({ id: z.uuid() });
const taskReply = { description: 'The task', ...json(TaskJson) };

const create = route({
  method: 'post',
  path: '/tasks',
  access: 'tasks:write',
  maxBodyBytes: MAX_BODY_BYTES,
  summary: 'Enqueue a task',
  request: {
    body: { required: true, ...json(SingleTaskRequest) },
    headers: z.object({ 'idempotency-key': z.string().min(1).max(255).optional() }),
  },
  responses: { 202: { ...taskReply, headers: z.object({ location: z.string() }) } },
});

const createBatch = route({
  method: 'post',
  path: '/tasks/batch',
  access: 'tasks:write',
  maxBodyBytes: MAX_BODY_BYTES,
  summary: 'Enqueue up to 10,000 tasks: all or none',
  request: {
    body: { required: true, ...json(z.strictObject({ tasks: z.array(TaskRequest).min(1).max(MAX_TASKS_PER_CALL) })) },
  },
  responses: {
    202: {
      description: 'All are enqueued',
      ...json(z.object({ batch_id: z.uuid(), count: z.int(), task_ids: z.array(z.uuid()) })),
    },
  },
});

const list = route({
  method: 'get',
  path: '/tasks',
  access: 'tasks:read',
  summary: 'List tasks, newest first',
  request: {
    query: z.object({
      ...taskFilter.shape,
      limit: z.coerce.number().int().min(1).max(1000).default(50),
      cursor: z.string().optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page',
      ...json(z.object({ items: z.array(TaskSummaryJson), next_cursor: z.uuid().nullable() })),
    },
  },
});

const wait = z.object({
  wait: z.coerce.number().min(0).max(30).optional().describe('Seconds to wait for the task to become final'),
});

const get = route({
  method: 'get',
  path: '/tasks/{id}',
  access: 'tasks:read',
  summary: 'A task',
  request: { params, query: wait },
  responses: { 200: taskReply },
});

const getAsSeed = route({
  method: 'get',
  path: '/task/{id}',
  access: 'tasks:read',
  summary: "A task: the seed's path",
  request: { params, query: wait },
  responses: { 200: taskReply },
});

const AttemptsJson = z.object({
  items: z.array(AttemptJson),
  cost_usd: z.number().describe('Estimate for the task with all of these'),
});

const attempts = route({
  method: 'get',
  path: '/tasks/{id}/attempts',
  access: 'tasks:read',
  summary: 'Every attempt of a task, oldest first, with its error and log lines',
  request: { params },
  responses: { 200: { description: 'The attempts', ...json(AttemptsJson) } },
});

const payload = route({
  method: 'get',
  path: '/tasks/{id}/{payload}',
  access: 'tasks:read',
  summary: 'The input or the result of a task as it is, however large',
  request: { params: params.extend({ payload: z.enum(['input', 'result']) }) },
  responses: { 200: { description: 'JSON', ...json(z.unknown()) } },
});

const revokeOne = route({
  method: 'post',
  path: '/tasks/{id}/revoke',
  access: 'tasks:write',
  summary: 'Revoke an unfinished task',
  request: { params },
  responses: { 200: taskReply },
});

const retryOne = route({
  method: 'post',
  path: '/tasks/{id}/retry',
  access: 'tasks:write',
  summary: 'Run a final task again, in another queue if asked',
  request: {
    params,
    body: { required: false, ...json(OptionsJson.pick({ priority: true, queue: true })) },
  },
  responses: { 200: taskReply },
});

async function showTask(c: HttpContext, id: string, seconds: number | undefined): Promise<TaskJson> {
  const { engine } = c.var.services;
  return taskJson(engine, seconds ? await waitForTask(engine, id, seconds) : await findTask(engine, id));
}

export const tasks = resource()
  .openapi(create, async (c) => {
    const { engine } = c.var.services;
    const { options: { background, ...options } = {}, ...body } = c.req.valid('json');
    const key = options.idempotency_key ?? c.req.valid('header')['idempotency-key'];
    checkCallbacks(c, [{ path: 'options.callback_url', url: options.callback_url }]);
    const definition = requireDefinition(engine, body.name);
    const request = toRequest(definition, { ...body, options: { ...options, ...(key && { idempotency_key: key }) } });
    const [receipt] = background ? [await startInBackground(engine, request)] : await enqueue(engine, [request]);
    if (!receipt) throw new Error('enqueue returned no receipt');
    const { accepted } = receipt;
    const task = accepted && !background ? acceptedTask(accepted) : await findTask(engine, receipt.taskId);
    const shown = { ...(await taskJson(engine, task)), ...(receipt.duplicate && { duplicate: true }) };
    return c.json(shown, 202, { location: `/tasks/${receipt.taskId}` });
  })
  .openapi(createBatch, async (c) => {
    const { engine } = c.var.services;
    const { tasks: wanted } = c.req.valid('json');
    checkCallbacks(
      c,
      wanted.map(({ options }, index) => ({ path: `tasks.${index}.options.callback_url`, url: options?.callback_url })),
    );
    const issues: Issue[] = [];
    const requests: EnqueueRequest[] = [];
    for (const [index, request] of wanted.entries()) {
      const definition = engine.registry.get(request.name);
      if (definition) requests.push(toRequest(definition, request));
      else if (issues.length < 100)
        issues.push({ path: `tasks.${index}.name`, message: unknownTask(engine, request.name) });
    }
    if (issues.length > 0) throw new HttpProblem('invalid_request', { issues });
    const receipts = await enqueue(engine, requests, { path: (index) => `tasks.${index}` });
    const taskIds = receipts.map(({ taskId }) => taskId);
    return c.json({ batch_id: uuidv7(), count: taskIds.length, task_ids: taskIds }, 202);
  })
  .openapi(list, async (c) => {
    const { limit, cursor, ...filter } = c.req.valid('query');
    if (cursor !== undefined && !z.uuid().safeParse(cursor).success) {
      throw new EngineError('invalid_cursor', 'use the next_cursor of the page before');
    }
    const found = await listTasks(c.var.services.engine, filterOf(filter), { limit: limit + 1, before: cursor });
    const items = found.slice(0, limit);
    return c.json(
      { items: items.map(summaryJson), next_cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null },
      200,
    );
  })
  .openapi(get, async (c) => c.json(await showTask(c, c.req.valid('param').id, c.req.valid('query').wait), 200))
  .openapi(getAsSeed, async (c) => c.json(await showTask(c, c.req.valid('param').id, c.req.valid('query').wait), 200))
  .openapi(attempts, async (c) => {
    const { engine } = c.var.services;
    const { id } = await findTask(engine, c.req.valid('param').id);
    const found = await listAttempts(engine, id);
    return c.json({ items: found.map(attemptJson), cost_usd: costOfAttempts(found, engine.clock.now()) }, 200);
  })
  .openapi(revokeOne, async (c) => {
    const { engine } = c.var.services;
    return c.json(await taskJson(engine, await revokeTask(engine, c.req.valid('param').id)), 200);
  })
  .openapi(retryOne, async (c) => {
    const { engine } = c.var.services;
    const { queue, priority } = c.req.valid('json') ?? {};
    return c.json(await taskJson(engine, await retryTask(engine, c.req.valid('param').id, queue ?? priority)), 200);
  });

// A stream has no type that c.json() could promise, so this route is registered and written by hand.
documentRoute(tasks, payload);
tasks.get('/tasks/:id/:payload{input|result}', authorize('tasks:read'), async (c) => {
  const { engine } = c.var.services;
  const task = await findTask(engine, c.req.param('id'));
  const found = c.req.param('payload') === 'input' ? task.input : task.result;
  const body = found && ('json' in found ? found.json : await engine.payloads.open(found.key));
  if (!body) throw new HttpProblem('not_found', { detail: `task ${task.id} is ${task.state} and has no result` });
  return c.body(body, 200, { 'content-type': 'application/json' });
});
