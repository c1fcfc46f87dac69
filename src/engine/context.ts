// The context of a running task, made of parts: what it reports, how it ends its attempt, what it reaches.

import type { ClaimedTask } from './claimed-task.ts';
import { PermanentFailure, RetryRequest, Snooze } from './control.ts';
import { MAX_MESSAGE_CHARACTERS } from './ending.ts';
import type { Engine } from './engine.ts';
import { enqueueOne } from './enqueue.ts';
import { sendEvent } from './events/send-event.ts';
import type { TaskContext } from './handler.ts';
import { callBehindCircuit } from './limits/circuit.ts';
import { logFields, logMessage } from './log-fields.ts';
import { createTaskAccess } from './manage-tasks.ts';
import type { Running } from './running.ts';
import type { Steps } from './steps/step.ts';
import { timeOf } from './store/ids.ts';
import { enqueueWorkflow } from './workflow/enqueue-workflow.ts';

const MAX_LOG_LINES = 100;
const MAX_LOG_CHARACTERS = 16_384;
const MAX_PROGRESS_CHARACTERS = 200;

/** `steps` is called when the task first asks for a step. */
export function createContext(engine: Engine, running: Running, steps: () => Steps): TaskContext {
  const { id, attempt } = running.task;
  const {
    services,
    settings,
    now,
    circuit,
    enqueue,
    enqueueWorkflow: enqueueAll,
    sendEvent: send,
    tasks,
  } = reachOf(engine);
  return {
    id,
    attempt,
    createdAt: timeOf(id),
    idempotencyKey: id,
    get signal() {
      return running.signal();
    },
    get step() {
      return steps();
    },
    log: logOf(engine, running),
    progress: progressOf(running),
    retry,
    snooze,
    fail,
    services,
    settings,
    now,
    circuit,
    enqueue,
    enqueueWorkflow: enqueueAll,
    sendEvent: send,
    tasks,
  };
}

/** The fields that every log line about an attempt carries. */
export function identityOf({ id, name, queue, attempt, workflowId }: ClaimedTask): Record<string, unknown> {
  return { task_id: id, task: name, queue, attempt, ...(workflowId !== undefined && { workflow_id: workflowId }) };
}

function logOf(engine: Engine, { task, logs }: Running): TaskContext['log'] {
  let characters = 0;
  return (given, givenFields) => {
    const message = logMessage(given);
    const fields = logFields(givenFields);
    engine.logger.info(message, { ...fields, ...identityOf(task) });
    const at = engine.clock.now();
    const line = { at, message: message.slice(0, MAX_MESSAGE_CHARACTERS), ...(givenFields && { fields }) };
    characters += JSON.stringify(line).length;
    if (logs.length < MAX_LOG_LINES && characters <= MAX_LOG_CHARACTERS) logs.push(line);
  };
}

function progressOf(running: Running): TaskContext['progress'] {
  return (percent, message, counts) => {
    running.progress = {
      percent: percent === null ? null : Math.min(100, Math.max(0, percent)),
      message: message?.slice(0, MAX_PROGRESS_CHARACTERS) ?? null,
      current: counts?.current ?? null,
      total: counts?.total ?? null,
    };
  };
}

function retry(options?: { in?: number }): never {
  throw new RetryRequest(options?.in);
}

function snooze({ for: seconds, reason }: { for: number; reason?: string }): never {
  throw new Snooze(seconds, reason);
}

function fail(reason: string): never {
  throw new PermanentFailure(reason);
}

type Reach = Pick<
  TaskContext,
  'services' | 'settings' | 'now' | 'circuit' | 'enqueue' | 'enqueueWorkflow' | 'sendEvent' | 'tasks'
>;

const reaches = new WeakMap<Engine, Reach>();

/** The part that is the same for all tasks of an engine. */
function reachOf(engine: Engine): Reach {
  const known = reaches.get(engine);
  if (known) return known;
  const reach: Reach = {
    services: engine.services,
    settings: engine.taskSettings,
    now: () => engine.clock.now(),
    circuit: (dependency, work, isFault) => callBehindCircuit(engine, dependency, work, isFault),
    enqueue: (definition, input, options = {}) => enqueueOne(engine, { definition, input, options }),
    enqueueWorkflow: (part, { onError, ...options } = {}) =>
      enqueueWorkflow(engine, part.node, { onError: onError?.node, ...options }),
    sendEvent: (event) => sendEvent(engine, event),
    tasks: createTaskAccess(engine),
  };
  reaches.set(engine, reach);
  return reach;
}
