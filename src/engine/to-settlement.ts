// How an attempt ended → what is settled. A task that has steps to undo is not final before they are undone.

import { waitSeconds } from './batch/rule.ts';
import type { ClaimedTask } from './claimed-task.ts';
import { wakeTime } from './doorbell.ts';
import type { Ending } from './ending.ts';
import type { Engine } from './engine.ts';
import type { AnyDefinition } from './handler.ts';
import type { Running } from './running.ts';
import type { Settlement } from './settlement.ts';
import type { SnoozeReason, Undoing } from './task.ts';

function undoFirst(
  { hasUndo, undoing }: ClaimedTask,
  ending: Ending,
): { ending: Ending; undoing: Undoing | undefined } {
  if (ending.state === 'RETRY') return { ending, undoing };
  if (ending.state === 'SUCCESS' || !hasUndo || undoing) return { ending, undoing: undefined };
  return { ending: { state: 'RETRY', outcome: 'RETRY', delaySeconds: 0, error: ending.error }, undoing: ending };
}

const UNDO: SnoozeReason = { code: 'undo', message: 'the undos of its steps follow' };
const UNDONE: SnoozeReason = { code: 'undone', message: 'ran the undos of its steps' };

/** `definition`: undefined when this deployment does not know it. */
export function toSettlement(
  engine: Engine,
  running: Running,
  definition: AnyDefinition | undefined,
  decided: Ending,
): Settlement {
  const { task, logs, progress } = running;
  const { ending, undoing } = undoFirst(task, decided);
  const now = engine.clock.now();
  const deadlineAt = deadlineOf(task, definition);
  const dueAt = ending.state === 'RETRY' ? Math.round(now + ending.delaySeconds * 1000) : undefined;
  const startsAt = dueAt === undefined || undoing ? dueAt : Math.min(dueAt, deadlineAt ?? dueAt);
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    workflowId: task.workflowId,
    concurrencyKey: task.concurrencyKey,
    keepsPlace: 'waits' in ending && definition?.concurrency?.keepWhileWaiting === true,
    slot: task.slot,
    fence: task.fence,
    neverStarted: false,
    state: ending.state,
    ...attemptOf(task, ending, undoing),
    result: ending.state === 'SUCCESS' ? ending.result : undefined,
    error: ending.state === 'SUCCESS' ? undefined : ending.error,
    progress: ending.state === 'SUCCESS' && progress ? { ...progress, percent: 100 } : progress,
    logs,
    startedAt: task.startedAt,
    finishedAt: now,
    dueAtStart: task.dueAt,
    dueAt: startsAt,
    wakeAt: startsAt === undefined ? undefined : wakeTime(engine, startsAt, now) + waitSeconds(definition) * 1000,
    undoing,
    forgetsCrashes: ending.state === 'RETRY' && ending.outcome === 'SNOOZED' && running.recordedSteps > 0,
    isUndo: task.undoing !== undefined,
    waits: 'waits' in ending ? (ending.waits ?? []) : [],
    deadlineAt,
  };
}

/** How the attempt ended, and why, as its own row says it. */
function attemptOf(
  task: ClaimedTask,
  ending: Ending,
  undoing: Undoing | undefined,
): Pick<Settlement, 'outcome' | 'reason'> {
  if (undoing && !task.undoing) return { outcome: undoing.state, reason: UNDO };
  if (ending.state !== 'RETRY') return { outcome: ending.state, reason: task.undoing ? UNDONE : undefined };
  return { outcome: ending.outcome, reason: 'reason' in ending ? ending.reason : undefined };
}

function deadlineOf({ deadlineAt, startedAt }: ClaimedTask, definition: AnyDefinition | undefined): number | undefined {
  const seconds = definition?.deadlineSeconds;
  return seconds === undefined ? undefined : (deadlineAt ?? startedAt + seconds * 1000);
}
