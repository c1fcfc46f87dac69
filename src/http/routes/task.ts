// /tasks/{id}: one task, its attempts and payloads; revoke and retry it. /task/{id} shows the same task.
import { z } from '@hono/zod-openapi';
import {
  findTask,
  findTaskWithWait,
  isFinal,
  listAttempts,
  retryTask,
  revokeTask,
  type Task,
  waitForTask,
} from '../../engine/manage.ts';
import { AttemptJson, attemptJson, costOfAttempts } from '../attempt-json.ts';
import { json, jsonReply, optionalJsonBody } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { authorize } from '../middleware/authorize.ts';
import { openStream } from '../open-streams.ts';
import { HttpProblem } from '../problem.ts';
import { documentRoute, resource, route } from '../route.ts';
import { StepNameJson, stepNameOf } from '../step-json.ts';
import { strictObject } from '../strict-object.ts';
import { TaskJson, taskJson, waitingJson } from '../task-json.ts';
import { OptionsJson } from '../task-request.ts';

const params = z.object({ id: z.uuid() });
const reply = jsonReply('The task', TaskJson);

const show = <const Path extends '/tasks/{id}' | '/task/{id}'>(path: Path, summary: string) =>
  route({
    method: 'get',
    path,
    access: 'tasks:read',
    refuses: ['task_not_found', 'too_many_streams'],
    summary,
    request: {
      params,
      query: strictObject({
        wait: z.coerce.number().min(0).max(30).optional().describe('Seconds to wait for the task to become final'),
      }),
    },
    responses: {
      200: reply,
    },
  });

const AttemptsJson = z.object({
  items: z.array(AttemptJson),
  cost_usd: z.number().describe('Estimated cost of the task with all these attempts'),
});

const attempts = route({
  method: 'get',
  path: '/tasks/{id}/attempts',
  access: 'tasks:read',
  refuses: ['task_not_found'],
  isWhole: true,
  summary: 'Every attempt of a task, oldest first, with its error and log lines',
  request: { params },
  responses: { 200: jsonReply('The attempts', AttemptsJson) },
});

const payload = route({
  method: 'get',
  path: '/tasks/{id}/{payload}',
  access: 'tasks:read',
  refuses: ['task_not_found'],
  summary: 'The input or the result of a task, of any size',
  request: { params: params.extend({ payload: z.enum(['input', 'result']) }) },
  responses: { 200: { description: 'JSON', ...json(z.unknown()) } },
});

const revoke = route({
  method: 'post',
  path: '/tasks/{id}/revoke',
  access: 'tasks:write',
  refuses: ['task_not_found', 'task_is_final'],
  summary: 'Revoke an unfinished task',
  request: { params },
  responses: { 200: reply },
});

const RetryJson = strictObject({
  ...OptionsJson.pick({ priority: true, queue: true }).shape,
  from_step: StepNameJson.optional().describe(
    'This step and those after it run again; the ones before keep their results',
  ),
});

const retry = route({
  method: 'post',
  path: '/tasks/{id}/retry',
  access: 'tasks:write',
  refuses: ['task_not_found', 'task_not_final', 'task_in_workflow', 'step_not_found'],
  refusesKey: 'A retry is refused until the task has ended again, so leave the header out.',
  summary: 'Run a final task again, in another queue or from one of its steps if you name one',
  request: { params, body: optionalJsonBody(RetryJson) },
  responses: { 200: reply },
});

export const task = resource()
  .openapi(show('/tasks/{id}', 'A task'), async (c) =>
    c.json(await find(c, c.req.valid('param').id, c.req.valid('query').wait), 200),
  )
  .openapi(show('/task/{id}', 'A task; the same as GET /tasks/{id}'), async (c) =>
    c.json(await find(c, c.req.valid('param').id, c.req.valid('query').wait), 200),
  )
  .openapi(attempts, async (c) => {
    const { engine } = c.var.services;
    const { id } = await findTask(engine, c.req.valid('param').id);
    const found = await listAttempts(engine, id);
    return c.json({ items: found.map(attemptJson), cost_usd: costOfAttempts(found, engine.clock.now()) }, 200);
  })
  .openapi(revoke, async (c) => {
    const { engine } = c.var.services;
    return c.json(await taskJson(engine, await revokeTask(engine, c.req.valid('param').id)), 200);
  })
  .openapi(retry, async (c) => {
    const { engine } = c.var.services;
    const { queue, priority, from_step } = c.req.valid('json') ?? {};
    const how = { queue: queue ?? priority, fromStep: from_step === undefined ? undefined : stepNameOf(from_step) };
    return c.json(await taskJson(engine, await retryTask(engine, c.req.valid('param').id, how)), 200);
  });

// The reply is a stream, which c.json() cannot type, so this route is registered by hand.
documentRoute(task, payload);
task.get('/tasks/:id/:payload{input|result}', authorize('tasks:read'), async (c) => {
  const { engine } = c.var.services;
  const found = await findTask(engine, c.req.param('id'));
  const wanted = c.req.param('payload') === 'input' ? found.input : found.result;
  const body = wanted && ('json' in wanted ? wanted.json : await engine.payloads.open(wanted.key));
  if (!body) {
    const detail = `Task ${found.id} is ${found.state} and has no result. Only a task that is SUCCESS has one.`;
    throw new HttpProblem('not_found', { detail });
  }
  return c.body(body, 200, { 'content-type': 'application/json' });
});

async function find(c: HttpContext, id: string, waitSeconds: number | undefined): Promise<TaskJson> {
  const { engine } = c.var.services;
  if (waitSeconds) {
    const waited = await waitOn(c, id, waitSeconds);
    if (isFinal(waited.state)) return { ...(await taskJson(engine, waited)), waiting: null };
  }
  const { task, waiting } = await findTaskWithWait(engine, id);
  return { ...(await taskJson(engine, task)), waiting: waiting ? waitingJson(waiting) : null };
}

/** Waits as a stream does: its place counts among the caller's streams. */
async function waitOn(c: HttpContext, id: string, seconds: number): Promise<Task> {
  const open = openStream(c);
  try {
    return await waitForTask(c.var.services.engine, id, seconds, open.isOver);
  } finally {
    open.close();
  }
}
