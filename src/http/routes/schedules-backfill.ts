// /schedules/{name}/backfill: fire the times that a schedule has missed.
import { z } from '@hono/zod-openapi';
import { enqueueOne, findMissedTimes } from '../../engine/manage.ts';
import { backfillSchedule } from '../../tasks/index.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { isoInstant, isoOrNull } from '../iso.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

const params = z.object({ name: z.string().max(100) });

const instant = z.iso.datetime({ offset: true, error: 'must be an instant in ISO 8601, such as 2026-11-28T09:00:00Z' });

const backfill = route({
  method: 'post',
  path: '/schedules/{name}/backfill',
  access: 'tasks:write',
  refuses: ['schedule_not_found', 'invalid_backfill', 'idempotency_conflict', 'unique_conflict', 'backlog_full'],
  summary: 'Fire the times that have passed without firing, each once',
  request: {
    params,
    headers: idempotencyHeader,
    body: jsonBody(
      strictObject({
        from: instant.describe('The first time, in the last 400 days'),
        to: instant.describe('The last time, not in the future'),
        dry_run: z.boolean().optional().describe('Count the times and fire none'),
      }).openapi('Backfill'),
    ),
  },
  responses: {
    200: jsonReply(
      'With `dry_run`: what it would fire',
      z
        .object({
          count: z.int().describe('Times that would fire'),
          fired: z.int().describe('Times in the range that have fired already'),
          first_at: isoInstant.nullable(),
          last_at: isoInstant.nullable(),
        })
        .openapi('BackfillDryRun'),
    ),
    202: locatedReply(
      'The task that does it',
      z.object({
        task_id: z.uuid(),
        count: z.int().describe('Times in the range that have not fired yet, which it fires'),
        ...repeatFields,
      }),
    ),
  },
});

export const schedulesBackfill = resource().openapi(backfill, async (c) => {
  const { engine } = c.var.services;
  const { name } = c.req.valid('param');
  const { dry_run, from, to } = c.req.valid('json');
  const { times, missed } = await findMissedTimes(engine, name, { from: Date.parse(from), to: Date.parse(to) });
  const count = missed.length;
  if (dry_run) {
    const ends = { first_at: isoOrNull(missed[0]), last_at: isoOrNull(missed.at(-1)) };
    return c.json({ count, fired: times.length - count, ...ends }, 200);
  }
  const { taskId, ...receipt } = await enqueueOne(engine, {
    definition: backfillSchedule,
    input: { schedule: name, from, to },
    options: { idempotencyKey: idempotencyKeyOf(c) },
  });
  return c.json({ task_id: taskId, count, ...duplicateJson(receipt) }, 202, { location: `/tasks/${taskId}` });
});
