// /schedules: list, make, change, pause and delete schedules, run their task now, and show their next times.
import { z } from '@hono/zod-openapi';
import {
  changeSchedule,
  comingTimes,
  createSchedule,
  deleteSchedule,
  type Engine,
  findSchedule,
  findSchedules,
  findTask,
  runSchedule,
  type ScheduledWorkflow,
  ScheduleTimes,
  storeNode,
} from '../../engine/manage.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { iso, isoInstant } from '../iso.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { ScheduleJson, scheduleJson } from '../schedule-json.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, TaskJson, taskJson } from '../task-json.ts';
import { taskName } from '../task-request.ts';
import { readWholeWorkflow } from '../workflow-request.ts';

const params = z.object({ name: z.string().max(100) });

const times = ScheduleTimes.shape;

const NOTHING_TO_ENQUEUE =
  'The task of a schedule is needed: its name, or { "name": …, "input": … }. Or write `workflow`. The `name` beside `task` is the name of the schedule.';

/** The task of a schedule: its name, or its name and input as POST /tasks takes them. */
const scheduledTask = z.union([taskName, strictObject({ name: taskName, input: z.unknown().optional() })], {
  error: NOTHING_TO_ENQUEUE,
});

const scheduledWorkflow = z.record(z.string(), z.unknown()).openapi({
  description: 'The workflow, instead of `task`: as the body of POST /workflows, without callback_url',
  example: { dag: { extract: { name: 'demo.echo', input: { value: '{{scheduled_date}}' } } } },
});

/** The engine checks the rest: cron lines, time zones, and which fields go together. */
const fields = {
  task: scheduledTask.optional().describe('The name of a task, or { name, input }'),
  workflow: scheduledWorkflow.optional(),
  input: z
    .unknown()
    .optional()
    .describe(
      "What the task's input schema accepts; default {}. `{{scheduled_at}}` and `{{scheduled_date}}` in a text become the time and the date of the firing",
    ),
  cron: times.cron.describe('Five fields as in crontab(5), or @hourly, @daily, @weekly, @monthly, @yearly'),
  every: times.every.describe('Seconds between two firings, instead of `cron`'),
  day: times.day.describe(
    'Whether a day must fit both day fields of `cron`, when both are restricted, or either; default either',
  ),
  timezone: times.timezone.unwrap().optional().describe('IANA name; default UTC'),
  catchup: times.catchup.unwrap().optional().describe('Which missed times fire later; default latest'),
  overlap: times.overlap
    .unwrap()
    .optional()
    .describe('Whether to fire while the task of the time before is unfinished; default allow'),
  jitter_seconds: times.jitterSeconds
    .unwrap()
    .optional()
    .describe('Each firing waits a random time of up to this; default 0'),
};

const NewSchedule = strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'The name of a schedule has letters, digits, ".", "_" and "-", at most 100 of them.')
    .refine((name) => name !== '.' && name !== '..', 'No URL can hold "." and ".." as a name.')
    .describe('The name of the schedule'),
  ...fields,
}).openapi('NewSchedule');

const ScheduleChanges = strictObject({
  ...fields,
  paused: z.boolean().optional(),
}).openapi('ScheduleChanges');

const reply = jsonReply('The schedule', ScheduleJson);

const pager = createPager('schedules');

const list = route({
  method: 'get',
  path: '/schedules',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'The schedules, those defined in code and those made over HTTP',
  request: { query: strictObject(pageQuery({ defaultLimit: 1000, maxLimit: 1000 })) },
  responses: { 200: jsonReply('A page, in alphabetical order', pageOf(ScheduleJson)) },
});

const create = route({
  method: 'post',
  path: '/schedules',
  access: 'tasks:write',
  refuses: ['unknown_task', 'invalid_schedule', 'schedule_exists', 'too_many_tasks', 'input_too_large'],
  summary: 'Make a schedule',
  request: { body: jsonBody(NewSchedule) },
  responses: { 201: locatedReply('The schedule', ScheduleJson) },
});

const get = route({
  method: 'get',
  path: '/schedules/{name}',
  access: 'tasks:read',
  refuses: ['schedule_not_found'],
  summary: 'A schedule',
  request: { params },
  responses: { 200: reply },
});

const update = route({
  method: 'patch',
  path: '/schedules/{name}',
  access: 'tasks:write',
  refuses: [
    'schedule_not_found',
    'unknown_task',
    'invalid_schedule',
    'schedule_in_code',
    'too_many_tasks',
    'input_too_large',
  ],
  summary: 'Change, pause or resume a schedule; one that is defined in code can only be paused and resumed',
  request: { params, body: jsonBody(ScheduleChanges) },
  responses: { 200: reply },
});

const remove = route({
  method: 'delete',
  path: '/schedules/{name}',
  access: 'tasks:write',
  refuses: ['schedule_not_found', 'schedule_in_code'],
  summary: 'Delete a schedule that was made over HTTP',
  request: { params },
  responses: { 204: { description: 'Deleted' } },
});

const run = route({
  method: 'post',
  path: '/schedules/{name}/run',
  access: 'tasks:write',
  refuses: [
    'schedule_not_found',
    'unknown_task',
    'invalid_input',
    'idempotency_conflict',
    'unique_conflict',
    'backlog_full',
  ],
  summary: 'Enqueue its task or workflow now',
  request: { params, headers: idempotencyHeader },
  responses: { 202: jsonReply('The task; of a workflow, the task whose result is its result', TaskJson) },
});

const next = route({
  method: 'get',
  path: '/schedules/{name}/next',
  access: 'tasks:read',
  refuses: ['schedule_not_found'],
  summary: 'The next times at which it fires',
  request: { params, query: strictObject({ count: z.coerce.number().int().min(1).max(100).default(10) }) },
  responses: { 200: jsonReply('Instants', z.object({ items: z.array(isoInstant) })) },
});

export const schedules = resource()
  .openapi(list, async (c) => {
    const { engine } = c.var.services;
    const { limit, cursor } = c.req.valid('query');
    const found = await findSchedules(engine, { after: pager.read(cursor), limit: limit + 1 });
    const { rows, next_cursor } = pager.page(found, limit, ({ name }) => name);
    return c.json({ items: rows.map((schedule) => scheduleJson(engine, schedule)), next_cursor }, 200);
  })
  .openapi(create, async (c) => {
    const { engine } = c.var.services;
    const { name, ...request } = c.req.valid('json');
    if (request.task === undefined && request.workflow === undefined) {
      throw new HttpProblem('invalid_request', { issues: [{ path: 'task', message: NOTHING_TO_ENQUEUE }] });
    }
    const made = await createSchedule(engine, name, toRequest(engine, request));
    return c.json(scheduleJson(c.var.services.engine, made), 201, {
      location: `/schedules/${encodeURIComponent(name)}`,
    });
  })
  .openapi(get, async (c) =>
    c.json(
      scheduleJson(c.var.services.engine, await findSchedule(c.var.services.engine, c.req.valid('param').name)),
      200,
    ),
  )
  .openapi(update, async (c) => {
    const { engine } = c.var.services;
    const { name } = c.req.valid('param');
    const changed = await changeSchedule(engine, name, toRequest(engine, c.req.valid('json')));
    return c.json(scheduleJson(c.var.services.engine, changed), 200);
  })
  .openapi(remove, async (c) => {
    await deleteSchedule(c.var.services.engine, c.req.valid('param').name);
    return c.body(null, 204);
  })
  .openapi(run, async (c) => {
    const { engine } = c.var.services;
    const receipt = await runSchedule(engine, c.req.valid('param').name, {
      idempotencyKey: idempotencyKeyOf(c),
    });
    const task = await taskJson(engine, await findTask(engine, receipt.taskId));
    return c.json({ ...task, ...duplicateJson(receipt) }, 202);
  })
  .openapi(next, async (c) => {
    const found = await comingTimes(c.var.services.engine, c.req.valid('param').name, c.req.valid('query').count);
    return c.json({ items: found.map(iso) }, 200);
  });

/** The fields in the engine's words, without those that were left out. Throws HttpProblem `invalid_request`. */
function toRequest(engine: Engine, fields: z.infer<typeof ScheduleChanges>) {
  const { task: given, input: inputBeside, workflow: body, jitter_seconds: jitterSeconds, ...same } = fields;
  if (given !== undefined && body !== undefined) {
    const message = 'Write `task` or `workflow`, not both.';
    throw new HttpProblem('invalid_request', { issues: [{ path: 'workflow', message }] });
  }
  const inputInside = typeof given === 'object' ? given.input : undefined;
  if (inputInside !== undefined && inputBeside !== undefined) {
    const message = 'Write the input once: in `task`, or beside it.';
    throw new HttpProblem('invalid_request', { issues: [{ path: 'input', message }] });
  }
  const task = given === undefined ? undefined : nameOf(given);
  const workflow = body && toWorkflow(engine, body);
  const request = { ...same, task, input: inputInside ?? inputBeside, workflow, jitterSeconds };
  const defined = Object.entries(request).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as typeof request;
}

function toWorkflow(engine: Engine, body: Record<string, unknown>): ScheduledWorkflow {
  const { root, onError, name, tags } = readWholeWorkflow(engine, body, 'workflow');
  return { root: storeNode(root), onError: onError && storeNode(onError), name, tags, request: body };
}

function nameOf(task: z.infer<typeof scheduledTask>): string {
  return typeof task === 'string' ? task : task.name;
}
