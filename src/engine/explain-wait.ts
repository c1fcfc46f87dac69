// Says why a task does not run yet. Pure: store/wait-facts.ts reads what it needs.
import type { Declaration } from './declaration.ts';
import { spacingMs } from './limits/rate.ts';
import type { WaitFacts } from './store/wait-facts.ts';
import type { SnoozeReason, Task, Waiting } from './task.ts';

type Explained = Pick<Waiting, 'reason'> & Partial<Waiting>;

/** `definition`: undefined when this deployment does not know it. `now`: epoch milliseconds. */
export function explainWait(
  task: Pick<Task, 'name' | 'queue' | 'state' | 'createdAt' | 'dueAt'>,
  facts: WaitFacts,
  definition: Declaration | undefined,
  now: number,
): Waiting {
  const isDue = task.dueAt <= now;
  const waiting = (explained: Explained): Waiting => ({
    ...{ of: undefined, by: undefined, ahead: undefined },
    since: facts.endedAt ?? task.createdAt,
    nextAt: isDue ? undefined : task.dueAt,
    ...explained,
  });
  const { name, queue } = task;
  const { openParents, parentId, pausedAt, pausedBy } = facts;
  if (task.state === 'WAITING') return waiting({ reason: 'parents', of: parentId, ahead: openParents });
  if (!definition) return waiting({ reason: 'unknown_task', of: name });
  if (pausedAt !== undefined) return waiting({ reason: 'paused', of: queue, since: pausedAt, by: pausedBy });
  return waiting(isDue ? explainDue(task, facts, definition) : explainLater(task, facts, definition, now));
}

/** It may not start before its due time: what set that time? */
function explainLater(
  { name, state, dueAt }: Pick<Task, 'name' | 'state' | 'dueAt'>,
  { pacedFrom, snoozed, errorCode }: WaitFacts,
  { rateLimit }: Declaration,
  now: number,
): Explained {
  if (pacedFrom !== undefined) {
    const ahead = rateLimit && Math.floor((dueAt - now) / spacingMs(rateLimit));
    return { reason: 'rate_limit', of: name, since: pacedFrom, ahead };
  }
  if (snoozed?.code === 'circuit') return { reason: 'circuit', of: snoozed.of };
  if (snoozed && isOfStep(snoozed.code)) return { reason: snoozed.code, of: snoozed.of };
  if (state === 'RETRY') return { reason: 'retry', of: snoozed?.code ?? errorCode };
  return { reason: 'eta' };
}

const OF_STEPS = ['sleep', 'event', 'approval', 'step'] as const;

function isOfStep(code: SnoozeReason['code']): code is (typeof OF_STEPS)[number] {
  return (OF_STEPS as readonly string[]).includes(code);
}

/** It is due: a place or a consumer is missing. */
function explainDue(
  { queue, dueAt }: Pick<Task, 'queue' | 'dueAt'>,
  facts: WaitFacts,
  definition: Declaration,
): Explained {
  const { concurrencyKey, runningWithKey, aheadWithKey, aheadInQueue } = facts;
  const limit = definition.concurrency?.limit;
  if (concurrencyKey !== undefined && limit !== undefined && runningWithKey >= limit)
    return { reason: 'concurrency', of: concurrencyKey, since: dueAt, ahead: aheadWithKey };
  return { reason: 'queue', of: queue, since: dueAt, ahead: aheadInQueue };
}
