// /events: send an event to the tasks that wait for it.
import { z } from '@hono/zod-openapi';
import { sendEvent } from '../../engine/manage.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { iso, isoInstant } from '../iso.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { MAX_TASKS_BODY_BYTES } from '../task-request.ts';

const NewEventJson = strictObject({
  type: z.string().describe('Lower-case words with dots, such as `order.paid`, at most 256 characters'),
  key: z.string().optional().describe('Wakes only who waits for this key; without one, who waits without a key'),
  payload: z.unknown().optional().describe('Any JSON; default null'),
  id: z.string().optional().describe('Sent twice, it is one event; default: a new one'),
}).openapi('NewEvent');

const EventJson = z
  .object({
    id: z.string(),
    at: isoInstant.describe('When it was taken'),
    duplicate: z.boolean().describe('An event with this id was taken before, so nothing more happened'),
    woken: z.int().describe('The waits that it has ended'),
    task_ids: z.array(z.uuid()).describe('The tasks of definitions that start on events of this type'),
  })
  .openapi('EventReceipt');

const send = route({
  method: 'post',
  path: '/events',
  access: 'tasks:write',
  maxBodyBytes: MAX_TASKS_BODY_BYTES,
  refusesKey: 'Give the event an `id`: sent twice, it is one event.',
  refuses: ['invalid_event', 'event_conflict', 'input_too_large', 'backlog_full'],
  summary: 'Send an event to the tasks that wait for it, now or later',
  request: { body: jsonBody(NewEventJson) },
  responses: { 202: jsonReply('Taken', EventJson) },
});

export const events = resource().openapi(send, async (c) => {
  const { id, at, duplicate, woken, taskIds } = await sendEvent(c.var.services.engine, c.req.valid('json'));
  return c.json({ id, at: iso(at), duplicate, woken, task_ids: taskIds }, 202);
});
