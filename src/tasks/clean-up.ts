// maintenance.clean_up: deletes expired files, tasks and mails in portions, and reports how many. It must never delete what its
// retention still covers.
import { z } from 'zod';
import { defineTask } from '../engine/index.ts';
import type { FilePrefix } from '../files/index.ts';

const PORTION = 1000;
/** D1 and R2 together allow 1,000 calls in one invocation. The rest is deleted the next day. */
const MAX_PORTIONS = 60;

const removed = z.object({ deleted: z.int(), bytes: z.int(), done: z.boolean() });

export const cleanUp = defineTask({
  name: 'maintenance.clean_up',
  input: z.object({}),
  output: z.object({
    uploads: removed,
    outputs: removed,
    tasks: z.object({ deleted: z.int(), done: z.boolean() }),
    mails: z.object({ deleted: z.int(), done: z.boolean() }),
  }),
  queue: 'low',
  timeoutSeconds: 600,
  schedules: { 'clean-up-every-day': { cron: '0 2 * * *', overlap: 'skip' } },
  async run(_, { services, settings, tasks: allTasks, createdAt, progress, signal }) {
    const { retention } = settings;

    async function removeFiles(prefix: FilePrefix, seconds: number): Promise<z.output<typeof removed>> {
      const total = { deleted: 0, bytes: 0, done: true };
      if (seconds === 0) return total;
      let cursor: string | undefined;
      for (let portion = 0; portion < MAX_PORTIONS; portion++) {
        signal.throwIfAborted();
        const part = await services.files.removeExpired(prefix, createdAt - seconds * 1000, PORTION, cursor);
        total.deleted += part.deleted;
        total.bytes += part.bytes;
        if (part.done) return total;
        cursor = part.cursor;
      }
      return { ...total, done: false };
    }

    async function repeat(remove: () => Promise<number>): Promise<{ deleted: number; done: boolean }> {
      let deleted = 0;
      for (let portion = 0; portion < MAX_PORTIONS / 10; portion++) {
        signal.throwIfAborted();
        const part = await remove();
        deleted += part;
        if (part === 0) return { deleted, done: true };
      }
      return { deleted, done: false };
    }

    const uploads = await removeFiles('uploads/', retention.uploadsSeconds);
    progress(25, `${uploads.deleted} uploads deleted`);
    const outputs = await removeFiles('outputs/', retention.outputsSeconds);
    progress(50, `${outputs.deleted} outputs deleted`);
    const tasks = await repeat(() => allTasks.prune());
    progress(75, `${tasks.deleted} tasks deleted`);
    const mails = await repeat(() => services.mails.prune(createdAt - retention.tasksSeconds * 1000, PORTION));
    return { uploads, outputs, tasks, mails };
  },
});
