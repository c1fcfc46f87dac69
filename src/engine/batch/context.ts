// What a batch handler is given beside its inputs. There are no steps: a step belongs to one task, and the code runs for many.
import { PermanentFailure } from '../control.ts';
import type { BatchContext, BatchMember, TaskContext } from '../handler.ts';

interface Call {
  id: string;
  name: string;
  signal(): AbortSignal;
  log: BatchContext['log'];
}

/** `contexts`: those of the tasks, one at least. */
export function createBatchContext(call: Call, contexts: readonly TaskContext[]): BatchContext {
  const [first] = contexts;
  if (!first) throw new Error('A batch needs a task.');
  const { now, services, settings, retry, snooze, fail, circuit, enqueue, enqueueWorkflow, sendEvent, tasks } = first;
  const context: BatchContext = {
    ...{ now, services, settings, retry, snooze, fail, circuit, enqueue, enqueueWorkflow, sendEvent, tasks },
    batchId: call.id,
    members: contexts.map(memberOf),
    get signal() {
      return call.signal();
    },
    log: call.log,
  };
  return withoutSteps(call.name, context);
}

function memberOf(context: TaskContext): BatchMember {
  const { id, attempt, createdAt, idempotencyKey, log, progress } = context;
  return {
    ...{ id, attempt, createdAt, idempotencyKey, log, progress },
    get signal() {
      return context.signal;
    },
  };
}

/** The type has no `step`; code without types gets a reason. */
function withoutSteps(name: string, context: BatchContext): BatchContext {
  return Object.defineProperty(context, 'step', {
    get() {
      throw new PermanentFailure(`${name}: a batch handler has no steps; enqueue a task that has them`, 'no_steps');
    },
  });
}
