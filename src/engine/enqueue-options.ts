// What a caller may ask for one task. One schema: the engine validates with it, and HTTP builds its wire names from it.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { PRIORITIES, QUEUE_NAMES } from './queues.ts';

/** Ten years: beyond that an ETA is a mistake in units. */
const MAX_SECONDS = 10 * 365 * 86_400;

const LATEST = new Date('2100-01-01T00:00:00Z');

/** Work that must not be enqueued twice. */
export const Unique = lazy(() =>
  z
    .strictObject({
      /** The unique key. Default: the definition's key of the input, or the whole input. */
      key: z.string().min(1).max(255).optional(),
      /** Seconds. After them the unique key is free again in any case. */
      forSeconds: z.number().min(1).max(MAX_SECONDS),
      /** `success`: free as soon as its task is final, in any state. `start`: as soon as it has started. Default `forever`; `start` with `replace`. */
      until: z.enum(['success', 'start', 'forever']).optional(),
      /** `return`: the earlier task stands in. `reject`: the call is refused as `unique_conflict`. `replace`: debounces, the latest input wins. Default `return`. */
      onConflict: z.enum(['return', 'reject', 'replace']).optional(),
    })
    .refine(({ until = 'start', onConflict }) => onConflict !== 'replace' || until === 'start', {
      message: 'must be "start" where the latest input replaces: a later one would be lost while the task runs',
      path: ['until'],
    }),
);

export const EnqueueOptions = lazy(() =>
  z.strictObject({
    /** Instead of the definition's own. */
    queue: z.enum(QUEUE_NAMES).optional(),
    /** A queue by its priority. `queue` wins. */
    priority: z.enum(PRIORITIES).optional(),
    /** Seconds from now. */
    countdown: z.number().min(0).max(MAX_SECONDS).optional(),
    /** The task does not start before; wins over `countdown`. In the past: at once. */
    eta: z.date().max(LATEST).optional(),
    /** Seconds from now, or an instant. A task that has not started by then is REVOKED, reason `expired`. */
    expires: z.union([z.date().max(LATEST), z.number().min(0).max(MAX_SECONDS)]).optional(),
    /** The same key with the same input within 24 hours gives the same task; with another input it is refused. */
    idempotencyKey: z.string().min(1).max(255).optional(),
    /** Instead of the definition's own `unique`. */
    unique: Unique().optional(),
    /** Receives a POST when the task is final. The caller is responsible for the URL. */
    callbackUrl: z.url().max(2000).optional(),
    maxRetries: z.int().min(0).max(100).optional(),
    tags: z.array(z.string().min(1).max(64)).max(10).optional(),
  }),
);

/** The name of a workflow. */
export const WorkflowName = lazy(() => z.string().trim().min(1).max(100));

export type EnqueueOptions = z.input<ReturnType<typeof EnqueueOptions>>;

/** Epoch milliseconds at which a task with these options is due. Never before `now`: from then on it waits. */
export function dueTime({ eta, countdown }: EnqueueOptions, now: number): number {
  if (eta) return Math.max(now, eta.getTime());
  return countdown ? now + countdown * 1000 : now;
}

/** Epoch milliseconds after which it must not start. */
export function expiryTime({ expires }: EnqueueOptions, now: number): number | null {
  if (expires === undefined) return null;
  return expires instanceof Date ? expires.getTime() : now + expires * 1000;
}

/** Why the times contradict each other; undefined when they do not. */
export function timesFault(options: EnqueueOptions, now: number): string | undefined {
  if (options.eta === undefined && options.countdown === undefined) return undefined;
  const expiresAt = expiryTime(options, now);
  const isInTime = expiresAt === null || expiresAt > dueTime(options, now);
  return isInTime ? undefined : 'must be after eta and countdown: the task would expire before it is due';
}
