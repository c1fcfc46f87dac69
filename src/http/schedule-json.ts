// How a schedule looks on the wire.
import { z } from '@hono/zod-openapi';
import { type Engine, NEVER, type Schedule } from '../engine/manage.ts';
import { iso, isoInstant, isoOrNull } from './iso.ts';

export const ScheduleJson = z
  .object({
    name: z.string(),
    task: z.string().nullable().describe('null: it enqueues a workflow'),
    input: z.unknown().describe('null: it enqueues a workflow'),
    workflow: z.unknown().describe('The workflow that it enqueues; null: it enqueues a task'),
    cron: z.string().nullable(),
    day: z.enum(['either', 'both']).nullable(),
    every: z.number().nullable(),
    timezone: z.string(),
    catchup: z.enum(['latest', 'none', 'all']),
    overlap: z.enum(['skip', 'allow']),
    jitter_seconds: z.number(),
    paused: z.boolean(),
    source: z.enum(['code', 'api']),
    next_run_at: isoInstant.nullable().describe('null: it is paused, or it never fires again'),
    late_seconds: z
      .number()
      .describe('How long the next firing is overdue; 0: it is not due, or the schedule is paused'),
    last_run_at: isoInstant.nullable(),
    last_task_id: z.uuid().nullable().describe('Of a workflow, the task whose result is its result'),
    last_status: z.string().nullable().describe('The status of the task it enqueued last'),
    last_error: z.string().nullable().describe('Why its latest firing enqueued no task'),
    skipped: z
      .int()
      .describe('Firings left out: by `catchup`, or because the task of the firing before was unfinished'),
    created_at: isoInstant,
  })
  .openapi('Schedule');

export function scheduleJson({ clock }: Engine, schedule: Schedule): z.infer<typeof ScheduleJson> {
  const { entry, nextAt, paused } = schedule;
  return {
    name: schedule.name,
    task: entry.task ?? null,
    input: entry.workflow ? null : entry.input,
    workflow: entry.workflow ? (entry.workflow.request ?? entry.workflow.root) : null,
    cron: entry.cron ?? null,
    day: entry.day ?? null,
    every: entry.every ?? null,
    timezone: entry.timezone,
    catchup: entry.catchup,
    overlap: entry.overlap,
    jitter_seconds: entry.jitterSeconds,
    paused,
    source: schedule.source,
    next_run_at: paused || nextAt === NEVER ? null : iso(nextAt),
    late_seconds: paused ? 0 : Math.max(0, (clock.now() - nextAt) / 1000),
    last_run_at: isoOrNull(schedule.lastAt),
    last_task_id: schedule.lastTaskId ?? null,
    last_status: schedule.lastState ?? null,
    last_error: schedule.lastError ?? null,
    skipped: schedule.skipped,
    created_at: iso(schedule.createdAt),
  };
}
