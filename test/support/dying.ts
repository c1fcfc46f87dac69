// Invocations that die after they have claimed tasks.

import type { ClaimedTask } from '../../src/engine/claimed-task.ts';
import { enqueue } from '../../src/engine/manage.ts';
import { claimTasks } from '../../src/engine/store/claim-tasks.ts';
import type { TestEngine } from './engine.ts';
import { scripted } from './scripted.ts';

export async function enqueueOne(engine: TestEngine, input: object = {}): Promise<string> {
  const [receipt] = await enqueue(engine, [{ definition: scripted, input }]);
  return receipt!.taskId;
}

/** Claims tasks like an invocation that then dies: it settles nothing and does not renew its lease. */
export async function claimAndDie(engine: TestEngine, ids: string[], alone = false) {
  const claim = {
    queue: 'default' as const,
    ids,
    leaseId: crypto.randomUUID(),
    running: [],
    alone,
    dueBy: engine.clock.now(),
    now: engine.clock.now(),
  };
  return { leaseId: claim.leaseId, tasks: await claimTasks(engine, claim) };
}

/** A task as a claim returns it. */
export const aClaimedTask = (task: Partial<ClaimedTask> = {}): ClaimedTask => ({
  id: crypto.randomUUID(),
  name: 'test.scripted',
  queue: 'default',
  input: { json: '{}' },
  attempt: 1,
  crashes: 0,
  maxRetries: 3,
  fence: 1,
  startedAt: 0,
  dueAt: 0,
  expiresAt: undefined,
  workflowId: undefined,
  receives: undefined,
  concurrencyKey: undefined,
  keepsPlace: false,
  callsBack: false,
  hasUndo: false,
  undoing: undefined,
  isFork: false,
  deadlineAt: undefined,
  admitted: false,
  slot: undefined,
  ...task,
});

/** The success of a claimed task, as the invocation that runs it would settle it. */
export const aSettlement = (task: { id: string; fence: number; startedAt: number }) => ({
  id: task.id,
  name: 'test.scripted',
  queue: 'default' as const,
  workflowId: undefined,
  concurrencyKey: undefined,
  keepsPlace: false,
  slot: undefined,
  fence: task.fence,
  neverStarted: false,
  state: 'SUCCESS' as const,
  outcome: 'SUCCESS' as const,
  result: { json: '{"attempt":99}' },
  error: undefined,
  progress: undefined,
  logs: [],
  startedAt: task.startedAt,
  finishedAt: task.startedAt + 1,
  dueAtStart: task.startedAt,
  dueAt: undefined,
  wakeAt: undefined,
  undoing: undefined,
  forgetsCrashes: false,
  isUndo: false,
  waits: [],
  deadlineAt: undefined,
});
