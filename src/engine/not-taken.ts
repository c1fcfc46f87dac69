// What a duplicate asks for and does not get: its options against the earlier task that stands in for it. Pure.
import type { NewTask } from './new-task.ts';
import type { NotTaken } from './receipt.ts';
import type { HeldKey } from './store/dedupe-keys.ts';

/** The options of the request that the holder does not have. Times are compared as the holder has them now. */
export function notTakenOf(request: NewTask, holder: HeldKey): NotTaken[] {
  const { tags, callback, maxRetries, queue } = request;
  const asks = (...options: string[]) => options.some((option) => request.asks.includes(option));
  const held = JSON.parse(holder.tags ?? '[]') as string[];
  const otherTime = !isDueAlike(request, holder);
  const lacks: Record<NotTaken, boolean> = {
    callbackUrl: callback !== null && callback !== holder.callback,
    countdown: asks('countdown') && !asks('eta') && otherTime,
    eta: asks('eta') && otherTime,
    expires: asks('expires') && !isAlike(request, request.expiresAt, holder, holder.task_expires_at),
    maxRetries: asks('maxRetries') && maxRetries !== holder.max_retries,
    queue: asks('queue', 'priority') && queue !== holder.queue,
    tags: tags.some((tag) => !held.includes(tag)),
  };
  return (Object.keys(lacks) as NotTaken[]).filter((option) => lacks[option]);
}

/** True if both are due at the same time, or both at once. */
function isDueAlike(request: NewTask, holder: HeldKey): boolean {
  const atOnce = request.dueAt <= request.createdAt && (holder.due_at ?? 0) <= request.createdAt;
  return atOnce || isAlike(request, request.dueAt, holder, holder.due_at);
}

/** True for the same instant, or for the same number of seconds after each was enqueued: a repeat says `countdown: 60` again. */
function isAlike(request: NewTask, asked: number | null, holder: HeldKey, has: number | null): boolean {
  if (asked === null || has === null || holder.created_at === null) return false;
  return asked === has || asked - request.createdAt === has - holder.created_at;
}
