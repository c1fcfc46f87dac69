// /queues: list, pause and resume.
import { z } from '@hono/zod-openapi';
import {
  type Engine,
  overviewQueues,
  pauseQueue,
  QUEUE_NAMES,
  QUEUES,
  type QueueName,
  requireQueue,
  resumeQueue,
} from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import { isoInstant, isoOrNull } from '../iso.ts';
import { resource, route } from '../route.ts';

const params = z.object({ name: z.string().max(100) });

const QueueJson = z
  .object({
    name: z.enum(QUEUE_NAMES),
    advice: z.string().describe('When to choose this queue'),
    paused: z.boolean(),
    paused_at: isoInstant.nullable(),
    paused_by: z
      .string()
      .nullable()
      .describe('The name of the API key that paused it; null: not paused, or paused without an API key'),
    backlog: z
      .int()
      .nullable()
      .describe('Messages in the queue, as Cloudflare counts them; null: Cloudflare gave no number'),
    waiting: z.int().describe('Waiting tasks, due or not; counted up to 1,000'),
    running: z.int(),
    oldest_seconds: z
      .number()
      .nullable()
      .describe('How long the oldest task that is due has waited for its first attempt'),
    throughput_per_minute: z.number().describe('Tasks that ended in a minute, over the last five minutes'),
  })
  .openapi('Queue');

const list = route({
  method: 'get',
  path: '/queues',
  access: 'tasks:read',
  isWhole: true,
  summary: 'The queues',
  responses: { 200: jsonReply('All of them', z.object({ items: z.array(QueueJson) })) },
});

const change = (verb: 'pause' | 'resume', summary: string) =>
  route({
    method: 'post',
    path: `/queues/{name}/${verb}`,
    access: 'tasks:write',
    refuses: ['queue_not_found'],
    summary,
    request: { params },
    responses: { 200: jsonReply('The queue', QueueJson) },
  });

export const queues = resource()
  .openapi(list, async (c) => c.json({ items: await showAll(c.var.services.engine) }, 200))
  .openapi(change('pause', 'Pause a queue: its tasks do not start; running tasks go on'), async (c) => {
    const { engine } = c.var.services;
    const name = requireQueue(c.req.valid('param').name);
    await pauseQueue(engine, name, c.get('caller')?.name);
    return c.json(await showOne(engine, name), 200);
  })
  .openapi(change('resume', 'Resume a queue: its waiting tasks start again'), async (c) => {
    const { engine } = c.var.services;
    const name = requireQueue(c.req.valid('param').name);
    await resumeQueue(engine, name);
    return c.json(await showOne(engine, name), 200);
  });

async function showAll(engine: Engine): Promise<z.infer<typeof QueueJson>[]> {
  const [found, backlogs] = await Promise.all([overviewQueues(engine), backlogsOf(engine)]);
  const now = engine.clock.now();
  return found.map(({ name, pausedAt, pausedBy, waiting, running, oldestAt, throughput }) => ({
    name,
    advice: QUEUES[name].advice,
    paused: pausedAt !== undefined,
    paused_at: isoOrNull(pausedAt),
    paused_by: pausedBy ?? null,
    backlog: backlogs[name],
    waiting,
    running,
    oldest_seconds: oldestAt === undefined ? null : Math.max(0, (now - oldestAt) / 1000),
    throughput_per_minute: throughput,
  }));
}

async function showOne(engine: Engine, name: QueueName): Promise<z.infer<typeof QueueJson>> {
  const found = (await showAll(engine)).find((queue) => queue.name === name);
  if (!found) throw new Error(`The overview has no queue ${name}.`);
  return found;
}

async function backlogsOf(engine: Engine): Promise<Record<QueueName, number | null>> {
  const counts = QUEUE_NAMES.map(async (name) => {
    const backlog = await engine.doorbell.backlogOf(engine, name);
    return [name, backlog?.messages ?? null] as const;
  });
  return Object.fromEntries(await Promise.all(counts)) as Record<QueueName, number | null>;
}
