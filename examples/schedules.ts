// A task with two schedules: every working day at 07:00 in Berlin, and every 15 minutes.
// docs/guides/schedules.md explains it; test/examples/schedules.test.ts runs it.
import { z } from 'zod';
import { defineTask } from '../src/engine/index.ts';

export const makeReport = defineTask({
  name: 'example.report_make',
  input: z.object({ region: z.string() }),
  output: z.object({ region: z.string(), madeAt: z.iso.datetime() }),
  schedules: {
    'report-every-morning': { cron: '0 7 * * MON-FRI', timezone: 'Europe/Berlin', input: { region: 'north' } },
    'report-often': { every: 900, input: { region: 'all' }, overlap: 'skip' },
  },
  // The time at which the task was enqueued: the same at every attempt.
  run: ({ region }, { createdAt }) => ({ region, madeAt: new Date(createdAt).toISOString() }),
});
