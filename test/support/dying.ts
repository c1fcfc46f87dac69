// Invocations that die after they have claimed tasks.
import { enqueue } from '../../src/engine/index.ts';
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

/** The success of a claimed task, as the invocation that runs it would settle it. */
export const aSettlement = (task: { id: string; fence: number; startedAt: number }) => ({
  id: task.id,
  name: 'test.scripted',
  queue: 'default' as const,
  workflowId: undefined,
  concurrencyKey: undefined,
  slot: undefined,
  fence: task.fence,
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
});
