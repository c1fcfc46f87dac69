// A task that runs by itself: every working day at seven in Berlin, and every quarter of an hour.
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
  // When it was due, not when it ran: the same on every attempt.
  run: ({ region }, { createdAt }) => ({ region, madeAt: new Date(createdAt).toISOString() }),
});
