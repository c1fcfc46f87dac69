// /queues: what each lane holds; pause and resume.
import { z } from '@hono/zod-openapi';
import {
  type Engine,
  overviewQueues,
  pauseQueue,
  QUEUE_NAMES,
  type QueueName,
  requireQueue,
  resumeQueue,
} from '../../engine/manage.ts';
import { json, resource, route } from '../route.ts';

const params = z.object({ name: z.string().max(100) });

const QueueJson = z
  .object({
    name: z.enum(QUEUE_NAMES),
    paused: z.boolean(),
    backlog: z.int().nullable().describe('Messages in the queue, as Cloudflare counts them; null: it did not say'),
    waiting: z.int().describe('Tasks that wait, due or not; counted up to 1,000'),
    running: z.int(),
    oldest_seconds: z.number().nullable().describe('How long the oldest task that is due and never started has waited'),
    throughput_per_minute: z.number().describe('Tasks that ended, over the last five minutes'),
  })
  .openapi('Queue');

const list = route({
  method: 'get',
  path: '/queues',
  access: 'tasks:read',
  summary: 'The queues',
  responses: { 200: { description: 'All of them', ...json(z.object({ items: z.array(QueueJson) })) } },
});

const change = (verb: 'pause' | 'resume', summary: string) =>
  route({
    method: 'post',
    path: `/queues/{name}/${verb}`,
    access: 'tasks:write',
    summary,
    request: { params },
    responses: { 200: { description: 'The queue', ...json(QueueJson) } },
  });

export const queues = resource()
  .openapi(list, async (c) => c.json({ items: await show(c.var.services.engine) }, 200))
  .openapi(change('pause', 'Pause a queue: nothing of it starts, what runs goes on'), async (c) => {
    const { engine } = c.var.services;
    const name = requireQueue(c.req.valid('param').name);
    await pauseQueue(engine, name);
    return c.json(await showOne(engine, name), 200);
  })
  .openapi(change('resume', 'Resume a queue and ring for what waits in it'), async (c) => {
    const { engine } = c.var.services;
    const name = requireQueue(c.req.valid('param').name);
    await resumeQueue(engine, name);
    return c.json(await showOne(engine, name), 200);
  });

async function show(engine: Engine): Promise<z.infer<typeof QueueJson>[]> {
  const [lanes, backlogs] = await Promise.all([overviewQueues(engine), backlogsOf(engine)]);
  const now = engine.clock.now();
  return lanes.map(({ name, paused, waiting, running, oldestAt, throughput }) => ({
    name,
    paused,
    backlog: backlogs[name],
    waiting,
    running,
    oldest_seconds: oldestAt === undefined ? null : Math.max(0, (now - oldestAt) / 1000),
    throughput_per_minute: throughput,
  }));
}

async function showOne(engine: Engine, name: QueueName): Promise<z.infer<typeof QueueJson>> {
  const found = (await show(engine)).find((queue) => queue.name === name);
  if (!found) throw new Error(`no overview of ${name}`);
  return found;
}

async function backlogsOf(engine: Engine): Promise<Record<QueueName, number | null>> {
  const counts = QUEUE_NAMES.map(async (name) => {
    const backlog = await engine.doorbell.backlogOf(engine, name);
    return [name, backlog?.messages ?? null] as const;
  });
  return Object.fromEntries(await Promise.all(counts)) as Record<QueueName, number | null>;
}
