// maintenance.clean_up: deletes what is older than its retention. It must never delete what its retention still covers. A long
// clean-up goes on in the next invocation by snoozing, so that one task shows how far it is, and the schedule starts no second one.
import { z } from 'zod';
import { type Chore, defineTask } from '../engine/index.ts';
import type { FilePrefix } from '../files/index.ts';

/** A little less than an hour, as the schedule has it. */
const EVERY_SECONDS = 3000;
/** Finding old outputs means listing all of them, a call of R2 for each thousand. */
const FILES_EVERY_SECONDS = 6 * 3600;
const API_KEYS_DAYS = 90;
const DAY_MS = 86_400_000;

export const cleanUp = defineTask({
  name: 'maintenance.clean_up',
  input: () => z.object({}),
  output: () =>
    z.object({
      /** What the last pass of each chore has deleted. */
      deleted: z.record(z.string(), z.int()),
    }),
  queue: 'low',
  timeoutSeconds: 600,
  schedules: { 'clean-up': { cron: '7 * * * *', overlap: 'skip' } },
  async run(_, ctx) {
    const { services, tasks } = ctx;
    const { uploadsSeconds, outputsSeconds, tasksSeconds } = ctx.settings.retention;

    const filesOf = (prefix: FilePrefix, seconds: number): Chore => ({
      everySeconds: FILES_EVERY_SECONDS,
      next: async (asOf, cursor) =>
        seconds === 0 ? { deleted: 0 } : services.files.removeExpired(prefix, asOf - seconds * 1000, cursor),
    });
    const chores: Record<string, Chore> = {
      uploads: filesOf('uploads/', uploadsSeconds),
      outputs: filesOf('outputs/', outputsSeconds),
      mails: { everySeconds: EVERY_SECONDS, next: (asOf) => services.mails.prune(asOf - tasksSeconds * 1000) },
      api_keys: { everySeconds: EVERY_SECONDS, next: (asOf) => services.apiKeys.prune(asOf - API_KEYS_DAYS * DAY_MS) },
    };

    const { deleted, done } = await tasks.cleanUp(chores, ctx);
    if (!done) ctx.snooze({ for: 1 });
    return { deleted };
  },
});
