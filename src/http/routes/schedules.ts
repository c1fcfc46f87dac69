// /schedules: list, make, change, pause, delete, run now, and the times to come.
import { z } from '@hono/zod-openapi';
import {
  changeSchedule,
  comingTimes,
  createSchedule,
  deleteSchedule,
  findSchedule,
  findSchedules,
  findTask,
  NEVER,
  runSchedule,
  type Schedule,
  ScheduleTimes,
} from '../../engine/manage.ts';
import { json, resource, route } from '../route.ts';
import { TaskJson, taskJson } from '../task-json.ts';

const params = z.object({ name: z.string().max(100) });

const times = ScheduleTimes.shape;

/** What the engine checks further: cron lines, zones, what goes together. */
const fields = {
  task: z.string().min(1).max(200),
  input: z.unknown().optional().describe("What the task's input schema accepts; default {}"),
  cron: times.cron.describe('Five fields as in crontab(5), or @hourly, @daily, @weekly, @monthly, @yearly'),
  every: times.every.describe('Seconds between two firings; instead of cron'),
  timezone: times.timezone.unwrap().optional().describe('IANA name; default UTC'),
  catchup: times.catchup.unwrap().optional().describe('What becomes of missed times; default latest'),
  overlap: times.overlap.unwrap().optional().describe('Fire while the task of the time before is unfinished?'),
  jitter_seconds: times.jitterSeconds.unwrap().optional().describe('Each firing waits a random part of it; default 0'),
};

const NewSchedule = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,100}$/, 'letters, digits, ".", "_" and "-", at most 100'),
    ...fields,
  })
  .openapi('NewSchedule');

const ScheduleChanges = z
  .strictObject({ ...fields, task: fields.task.optional(), paused: z.boolean().optional() })
  .openapi('ScheduleChanges');

const instant = z.iso.datetime().nullable();

const ScheduleJson = z
  .object({
    name: z.string(),
    task: z.string(),
    input: z.unknown(),
    cron: z.string().nullable(),
    every: z.number().nullable(),
    timezone: z.string(),
    catchup: z.enum(['latest', 'none', 'all']),
    overlap: z.enum(['skip', 'allow']),
    jitter_seconds: z.number(),
    paused: z.boolean(),
    source: z.enum(['code', 'api']),
    next_run_at: instant.describe('null while paused, or when it never fires again'),
    last_run_at: instant,
    last_task_id: z.uuid().nullable(),
    last_status: z.string().nullable().describe('Of the task it enqueued last'),
    last_error: z.string().nullable().describe('Why its latest time enqueued nothing'),
    skipped: z.int().describe('Times left out because the task of the time before was unfinished'),
    created_at: z.iso.datetime(),
  })
  .openapi('Schedule');

const reply = { description: 'The schedule', ...json(ScheduleJson) };

const list = route({
  method: 'get',
  path: '/schedules',
  access: 'tasks:read',
  summary: 'The schedules, those in code and those made here',
  responses: { 200: { description: 'All of them', ...json(z.object({ items: z.array(ScheduleJson) })) } },
});

const create = route({
  method: 'post',
  path: '/schedules',
  access: 'tasks:write',
  summary: 'Make a schedule',
  request: { body: { required: true, ...json(NewSchedule) } },
  responses: { 201: { ...reply, headers: z.object({ location: z.string() }) } },
});

const get = route({
  method: 'get',
  path: '/schedules/{name}',
  access: 'tasks:read',
  summary: 'A schedule',
  request: { params },
  responses: { 200: reply },
});

const update = route({
  method: 'patch',
  path: '/schedules/{name}',
  access: 'tasks:write',
  summary: 'Change, pause or resume a schedule; one that stands in code can only be paused and resumed',
  request: { params, body: { required: true, ...json(ScheduleChanges) } },
  responses: { 200: reply },
});

const remove = route({
  method: 'delete',
  path: '/schedules/{name}',
  access: 'tasks:write',
  summary: 'Delete a schedule that was made here',
  request: { params },
  responses: { 204: { description: 'Deleted' } },
});

const run = route({
  method: 'post',
  path: '/schedules/{name}/run',
  access: 'tasks:write',
  summary: 'Enqueue its task now',
  request: { params },
  responses: { 202: { description: 'The task', ...json(TaskJson) } },
});

const next = route({
  method: 'get',
  path: '/schedules/{name}/next',
  access: 'tasks:read',
  summary: 'The times to come',
  request: { params, query: z.object({ count: z.coerce.number().int().min(1).max(100).default(10) }) },
  responses: { 200: { description: 'Instants', ...json(z.object({ items: z.array(z.iso.datetime()) })) } },
});

export const schedules = resource()
  .openapi(list, async (c) => c.json({ items: (await findSchedules(c.var.services.engine)).map(scheduleJson) }, 200))
  .openapi(create, async (c) => {
    const { name, jitter_seconds: jitterSeconds, ...request } = c.req.valid('json');
    const made = await createSchedule(c.var.services.engine, name, given({ ...request, jitterSeconds }));
    return c.json(scheduleJson(made), 201, { location: `/schedules/${encodeURIComponent(name)}` });
  })
  .openapi(get, async (c) =>
    c.json(scheduleJson(await findSchedule(c.var.services.engine, c.req.valid('param').name)), 200),
  )
  .openapi(update, async (c) => {
    const { jitter_seconds: jitterSeconds, ...changes } = c.req.valid('json');
    const name = c.req.valid('param').name;
    const changed = await changeSchedule(c.var.services.engine, name, given({ ...changes, jitterSeconds }));
    return c.json(scheduleJson(changed), 200);
  })
  .openapi(remove, async (c) => {
    await deleteSchedule(c.var.services.engine, c.req.valid('param').name);
    return c.body(null, 204);
  })
  .openapi(run, async (c) => {
    const { engine } = c.var.services;
    const { taskId } = await runSchedule(engine, c.req.valid('param').name);
    return c.json(await taskJson(engine, await findTask(engine, taskId)), 202);
  })
  .openapi(next, async (c) => {
    const times = await comingTimes(c.var.services.engine, c.req.valid('param').name, c.req.valid('query').count);
    return c.json({ items: times.map(iso) }, 200);
  });

/** Without the fields that were left out: they have defaults. */
function given<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields;
}

function scheduleJson(schedule: Schedule): z.infer<typeof ScheduleJson> {
  const { entry, nextAt, paused } = schedule;
  return {
    name: schedule.name,
    task: entry.task,
    input: entry.input,
    cron: entry.cron ?? null,
    every: entry.every ?? null,
    timezone: entry.timezone,
    catchup: entry.catchup,
    overlap: entry.overlap,
    jitter_seconds: entry.jitterSeconds,
    paused,
    source: schedule.source,
    next_run_at: paused || nextAt === NEVER ? null : iso(nextAt),
    last_run_at: schedule.lastAt === undefined ? null : iso(schedule.lastAt),
    last_task_id: schedule.lastTaskId ?? null,
    last_status: schedule.lastState ?? null,
    last_error: schedule.lastError ?? null,
    skipped: schedule.skipped,
    created_at: iso(schedule.createdAt),
  };
}

function iso(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
