// What people do to a workflow from outside: look, revoke, retry.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { releaseSlots } from '../limits/admit.ts';
import { announce, wakeTime } from '../ring.ts';
import { retryWorkflow, revokeWorkflow } from '../store/change-workflow.ts';
import { getWorkflow, type WholeWorkflow } from '../store/get-workflow.ts';
import { tellWorkflow } from './tell-workflow.ts';

/** Throws EngineError `workflow_not_found`. */
export async function findWorkflow(engine: Engine, id: string, limit = 0): Promise<WholeWorkflow> {
  const found = await getWorkflow(engine, id, limit);
  if (!found) throw new EngineError('workflow_not_found', `no workflow ${id}`);
  return found;
}

/** No task of it starts any more, running ones have their signals aborted. Throws `workflow_not_found`, `workflow_is_final`. */
export async function revokeAll(engine: Engine, id: string): Promise<void> {
  const { workflow } = await findWorkflow(engine, id);
  const message = 'revoked with its workflow';
  const { count, tasks, released } = await revokeWorkflow(engine, id, {
    code: 'revoked',
    type: 'TaskRevokedError',
    message,
  });
  if (count === 0)
    throw new EngineError('workflow_is_final', `workflow ${id} is ${workflow.status}; nothing is left to revoke`);
  releaseSlots(engine, tasks);
  tellWorkflow(engine, id);
  await announce(engine, released);
}

/**
 * Runs again what failed or was revoked, if some of it was so before `endedBefore` (epoch milliseconds), and what depends on
 * it; how many tasks that is.
 * Throws `workflow_not_found`, `workflow_not_final`, `workflow_not_failed`.
 */
export async function retryFailed(engine: Engine, id: string, endedBefore = Number.MAX_SAFE_INTEGER): Promise<number> {
  const { workflow } = await findWorkflow(engine, id);
  if (workflow.done < workflow.total) {
    throw new EngineError(
      'workflow_not_final',
      `workflow ${id} has unfinished tasks; retry it when all have ended, or revoke it first`,
    );
  }
  const now = engine.clock.now();
  const { count, released, resultKeys } = await retryWorkflow(engine, id, {
    wakeAt: wakeTime(engine, now, now),
    endedBefore,
  });
  if (count === 0)
    throw new EngineError('workflow_not_failed', `workflow ${id} is ${workflow.status}; nothing in it failed`);
  if (resultKeys.length > 0) await engine.payloads.delete(resultKeys);
  tellWorkflow(engine, id);
  await announce(engine, released);
  return count;
}
