// schedules.backfill: fires the times of a schedule that have passed without firing, in portions, with progress. Running it twice is
// safe: a time that has fired is not fired again.
import { z } from 'zod';
import { type Backfilled, defineTask, EngineError, type TaskContext } from '../engine/index.ts';
import { lazy } from '../lazy.ts';

const instant = lazy(() => z.iso.datetime({ offset: true }));

const output = lazy(() =>
  z.object({
    /** New tasks or workflows, including those of the tasks that this one continues. */
    enqueued: z.int(),
    /** The task that continues this one; null when everything is done. */
    continued_by: z.uuid().nullable(),
  }),
);

/** Seconds after which a backfill that a full queue has stopped goes on. */
const FULL_QUEUE_SECONDS = 60;

export const backfillSchedule = defineTask({
  name: 'schedules.backfill',
  input: () =>
    z.object({
      schedule: z.string().max(100),
      from: instant(),
      to: instant(),
      /** Set when this task continues another: how many that one had enqueued. */
      enqueued: z.int().min(0).default(0),
    }),
  output,
  queue: 'high',
  timeoutSeconds: 600,
  async run(given, ctx): Promise<z.output<ReturnType<typeof output>>> {
    const { enqueued: before, schedule, from, to } = given;
    const range = { from: Date.parse(from), to: Date.parse(to) };
    const done = await backfill(ctx, schedule, range);
    const enqueued = before + done.enqueued;
    ctx.progress((100 * done.done) / Math.max(1, done.total), `${enqueued} enqueued`, {
      current: done.done,
      total: done.total,
    });
    if (done.next === undefined) return { enqueued, continued_by: null };
    const rest = { ...given, from: new Date(done.next).toISOString(), enqueued };
    const key = { idempotencyKey: `${ctx.idempotencyKey}:next` };
    return { enqueued, continued_by: (await ctx.enqueue(backfillSchedule, rest, key)).taskId };
  },
});

/** Waits while a queue is full. A refusal is final: another attempt would be refused as well. */
async function backfill(ctx: TaskContext, schedule: string, range: { from: number; to: number }): Promise<Backfilled> {
  try {
    return await ctx.tasks.backfill(schedule, range, (current, total) => {
      ctx.signal.throwIfAborted();
      ctx.progress((100 * current) / Math.max(1, total), 'firing', { current, total });
    });
  } catch (error) {
    if (!(error instanceof EngineError) || error.code === 'store_unavailable') throw error;
    if (error.code === 'backlog_full') ctx.snooze({ for: FULL_QUEUE_SECONDS, reason: error.message });
    ctx.fail(error.message);
  }
}
