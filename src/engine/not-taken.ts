// What a duplicate asks for and does not get: its input and options against the earlier task that stands in for it. Pure.
import { hasOtherInput } from './dedupe-keys.ts';
import type { DedupeKey, NewTask } from './new-task.ts';
import type { NotTaken } from './receipt.ts';
import type { HeldKey } from './store/dedupe-keys.ts';

/**
 * What the request asks for and the holder does not have. Times are compared as the holder has them now. `held`: the keys of the
 * request that are held, by any task.
 */
export function notTakenOf(request: NewTask, holder: HeldKey, held: ReadonlyMap<string, HeldKey>): NotTaken[] {
  const { tags, callback, maxRetries, queue, dedupeKeys } = request;
  const asks = (...options: string[]) => options.some((option) => request.asks.includes(option));
  const heldTags = JSON.parse(holder.tags ?? '[]') as string[];
  const isHeld = ({ key }: DedupeKey) => held.get(key)?.task_id === holder.task_id;
  const otherTime = !isDueAlike(request, holder);
  const lacks: Record<NotTaken, boolean> = {
    background: false, // background.ts knows.
    callbackUrl: callback !== null && callback !== holder.callback,
    countdown: asks('countdown') && !asks('eta') && otherTime,
    eta: asks('eta') && otherTime,
    expires: asks('expires') && !isAlike(request, request.expiresAt, holder, holder.task_expires_at),
    input: dedupeKeys.some(({ key, inputHash }) => hasOtherInput(inputHash, held.get(key)?.input_hash ?? '')),
    maxRetries: asks('maxRetries') && maxRetries !== holder.max_retries,
    queue: asks('queue', 'priority') && queue !== holder.queue,
    tags: tags.some((tag) => !heldTags.includes(tag)),
    unique: asks('unique') && !dedupeKeys.every(isHeld),
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
