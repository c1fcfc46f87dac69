// What people do to a workflow from outside: find, revoke, retry.
import { acceptAgain } from '../accept.ts';
import { announce, wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { releaseSlots } from '../limits/admit.ts';
import { retryWorkflowRows, revokeWorkflowRows } from '../store/change-workflow.ts';
import { getWorkflow, type WholeWorkflow } from '../store/get-workflow.ts';
import { publishWorkflow } from './publish-workflow.ts';

/** Whenever its tasks ended. */
const ANY_TIME = Number.MAX_SAFE_INTEGER;

/** The workflow with its first `limit` tasks. Throws EngineError `workflow_not_found`. */
export async function findWorkflow(engine: Engine, id: string, limit = 0): Promise<WholeWorkflow> {
  const found = await getWorkflow(engine, id, limit);
  if (!found) throw new EngineError('workflow_not_found', `no workflow ${id}`);
  return found;
}

/** No waiting task of it starts; running ones have their signals aborted. Throws `workflow_not_found`, `workflow_is_final`. */
export async function revokeWorkflow(engine: Engine, id: string): Promise<void> {
  const { workflow } = await findWorkflow(engine, id);
  const error = { code: 'revoked', type: 'TaskRevokedError', message: 'revoked with its workflow' };
  const { count, tasks, rings } = await revokeWorkflowRows(engine, id, error);
  if (count === 0)
    throw new EngineError('workflow_is_final', `workflow ${id} is ${workflow.status}; nothing is left to revoke`);
  releaseSlots(engine, tasks);
  publishWorkflow(engine, id);
  await announce(engine, rings);
}

/**
 * Runs again what failed or was revoked, if some of it ended before `endedBefore` (epoch milliseconds), and what depends on
 * it. Returns how many tasks that is. Throws `workflow_not_found`, `workflow_not_final`, `workflow_not_failed`.
 */
export async function retryWorkflow(engine: Engine, id: string, endedBefore = ANY_TIME): Promise<number> {
  const { workflow } = await findWorkflow(engine, id);
  if (workflow.done < workflow.total) {
    const message = `workflow ${id} has unfinished tasks; retry it when all have ended, or revoke it first`;
    throw new EngineError('workflow_not_final', message);
  }
  const now = engine.clock.now();
  const retried = await retryWorkflowRows(engine, id, { wakeAt: wakeTime(engine, now, now), endedBefore });
  if (retried.count === 0)
    throw new EngineError('workflow_not_failed', `workflow ${id} is ${workflow.status}; nothing in it failed`);
  publishWorkflow(engine, id);
  await acceptAgain(engine, retried);
  return retried.count;
}
