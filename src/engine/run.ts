// One attempt: from a claimed task to how it ended. Never rejects: whatever a task throws becomes an outcome, and one
// task's failure is its own.
import { mergeInput } from './canvas/receive.ts';
import { PermanentFailure, RetryRequest, Snooze } from './control.ts';
import {
  type Ending,
  endingOf,
  Lost,
  MAX_MESSAGE_CHARACTERS,
  safeEndingOf,
  TimeoutError,
  UNKNOWN_TASK_DELAY_SECONDS,
} from './ending.ts';
import type { Engine } from './engine.ts';
import { hasLapsed } from './limits/admit.ts';
import { guard } from './limits/circuit.ts';
import { checkIn, checkOut, exceeds } from './payloads.ts';
import { isLimited, wakeTime } from './ring.ts';
import type { ClaimedTask } from './store/claim-tasks.ts';
import { findParents } from './store/find-parents.ts';
import { timeOf } from './store/ids.ts';
import type { LogLine, Payload } from './store/rows.ts';
import type { Settlement } from './store/settle-tasks.ts';
import type { AnyDefinition, Progress, TaskContext } from './task.ts';

/** A task under way in this invocation. */
export interface Running {
  task: ClaimedTask;
  /** Epoch milliseconds; past it the attempt is aborted with `timeout`. */
  deadline: number;
  logs: LogLine[];
  progress: Progress | undefined;
  /** Ends the attempt from outside: aborts the task's signal, and does not wait for code that ignores it. */
  abort(reason: Error): void;
  /** How the attempt ended; undefined when the task was lost on the way. Never rejects. */
  ended: Promise<Settlement | undefined>;
}

const MAX_LOG_LINES = 100;
const MAX_LOG_CHARACTERS = 16_384;

/** Starts one attempt. */
export function startAttempt(engine: Engine, task: ClaimedTask, definition: AnyDefinition | undefined): Running {
  const aborted = Promise.withResolvers<never>();
  // Made when first asked for: most tasks never look at their signal, and ten thousand controllers cost more than they do.
  let controller: AbortController | undefined;
  let abortedBy: Error | undefined;
  const signal = () => {
    controller ??= new AbortController();
    if (abortedBy && !controller.signal.aborted) controller.abort(abortedBy);
    return controller.signal;
  };
  const running: Running = {
    task,
    deadline: (task.slot ?? engine.clock.now()) + (definition?.timeoutSeconds ?? 0) * 1000,
    logs: [],
    progress: undefined,
    abort(reason) {
      abortedBy ??= reason;
      controller?.abort(abortedBy);
      aborted.reject(abortedBy);
    },
    ended: Promise.resolve(undefined),
  };
  const throwIfAborted = () => {
    if (abortedBy) throw abortedBy;
  };
  running.ended = attempt(engine, running, definition, { signal, aborted: aborted.promise, throwIfAborted });
  return running;
}

/** Aborts what has run for too long. */
export function abortOverdue(running: Iterable<Running>, now: number): void {
  for (const { deadline, abort, task } of running) {
    if (now >= deadline) abort(new TimeoutError(`timed out after ${Math.round((deadline - task.startedAt) / 1000)} s`));
  }
}

interface Abortion {
  signal(): AbortSignal;
  /** Rejects with the reason. */
  aborted: Promise<never>;
  throwIfAborted(): void;
}

async function attempt(
  engine: Engine,
  running: Running,
  definition: AnyDefinition | undefined,
  abortion: Abortion,
): Promise<Settlement | undefined> {
  const { task } = running;
  const end = (ending: Ending) => settlementOf(engine, running, ending);
  if (task.expiresAt !== undefined && task.expiresAt <= engine.clock.now()) {
    return end({
      state: 'REVOKED',
      error: { code: 'expired', type: 'Expired', message: 'expired before it was started' },
    });
  }
  if (!definition) {
    const error = new RetryRequest(UNKNOWN_TASK_DELAY_SECONDS);
    error.message = `no task named "${task.name}" in this deployment`;
    return end(endingOf(engine, task, undefined, error, 'unknown_task'));
  }
  try {
    if (!(await mayStart(engine, task, definition, abortion)))
      return end({ state: 'RETRY', outcome: 'SNOOZED', delaySeconds: 0 });
    const result = await Promise.race([execute(engine, running, definition, abortion), abortion.aborted]);
    return end({ state: 'SUCCESS', result });
  } catch (error) {
    return error instanceof Lost ? undefined : end(safeEndingOf(engine, task, definition, error));
  }
}

/** Waits for the task's slot; rejects when it is aborted meanwhile. False: it came too late for it, or came past the limits of its definition. */
async function mayStart(
  engine: Engine,
  task: ClaimedTask,
  { rateLimit }: AnyDefinition,
  { aborted }: Abortion,
): Promise<boolean> {
  if (!task.admitted) return engine.runNow !== undefined || !isLimited(engine, task.name);
  if (task.slot === undefined || !rateLimit) return true;
  const ms = task.slot - engine.clock.now();
  if (ms > 0) await Promise.race([engine.clock.wait(ms), aborted]);
  task.startedAt = engine.clock.now();
  return !hasLapsed(task, rateLimit, task.startedAt);
}

async function execute(
  engine: Engine,
  running: Running,
  definition: AnyDefinition,
  abortion: Abortion,
): Promise<Payload> {
  const { task } = running;
  const input = definition.input.safeParse(await inputOf(engine, task));
  if (!input.success) throw new PermanentFailure(`the input no longer fits: ${input.error.message}`, 'invalid_input');
  abortion.throwIfAborted();
  const returned = await definition.run(input.data, contextOf(engine, running, abortion));
  const output = definition.output.safeParse(returned);
  if (!output.success) throw new PermanentFailure(`the result does not fit: ${output.error.message}`, 'invalid_output');
  const json = JSON.stringify(output.data) ?? 'null';
  if (exceeds(json, engine.settings.maxPayloadBytes)) {
    const limit = `${engine.settings.maxPayloadBytes} bytes`;
    throw new PermanentFailure(`the result is larger than ${limit}; write it to a file instead`, 'result_too_large');
  }
  return checkIn(engine, task.id, `result-${task.fence}`, json);
}

/** The input as it was enqueued, and for a task of a workflow what its parents left. */
async function inputOf(engine: Engine, task: ClaimedTask): Promise<unknown> {
  const bound: unknown = JSON.parse(await checkOut(engine, task.input));
  return task.receives ? mergeInput(task.receives, await findParents(engine, task.id), bound) : bound;
}

/** What every log line about an attempt carries. */
export function identityOf({ id, name, queue, attempt, workflowId }: ClaimedTask): Record<string, unknown> {
  return { task_id: id, task: name, queue, attempt, ...(workflowId !== undefined && { workflow_id: workflowId }) };
}

function contextOf(engine: Engine, running: Running, { signal }: Abortion): TaskContext {
  const { task, logs } = running;
  let characters = 0;
  return {
    id: task.id,
    attempt: task.attempt,
    createdAt: timeOf(task.id),
    get signal() {
      return signal();
    },
    idempotencyKey: task.id,
    services: engine.services,
    log(message, fields) {
      engine.logger.info(message, { ...fields, ...identityOf(task) });
      const line = {
        at: engine.clock.now(),
        message: message.slice(0, MAX_MESSAGE_CHARACTERS),
        ...(fields && { fields }),
      };
      characters += JSON.stringify(line).length;
      if (logs.length < MAX_LOG_LINES && characters <= MAX_LOG_CHARACTERS) logs.push(line);
    },
    progress(percent, message, counts) {
      running.progress = {
        percent: percent === null ? null : Math.min(100, Math.max(0, percent)),
        message: message?.slice(0, 200) ?? null,
        current: counts?.current ?? null,
        total: counts?.total ?? null,
      };
    },
    retry(options) {
      throw new RetryRequest(options?.in);
    },
    snooze(options) {
      throw new Snooze(options.for);
    },
    fail(reason) {
      throw new PermanentFailure(reason);
    },
    circuit: (dependency, work, isFault) => guard(engine, dependency, work, isFault),
  };
}

function settlementOf(engine: Engine, running: Running, ending: Ending): Settlement {
  const { task, logs, progress } = running;
  const now = engine.clock.now();
  const dueAt = ending.state === 'RETRY' ? now + ending.delaySeconds * 1000 : undefined;
  return {
    id: task.id,
    name: task.name,
    queue: task.queue,
    workflowId: task.workflowId,
    concurrencyKey: task.concurrencyKey,
    slot: task.slot,
    fence: task.fence,
    state: ending.state,
    outcome: ending.state === 'RETRY' ? ending.outcome : ending.state,
    result: ending.state === 'SUCCESS' ? ending.result : undefined,
    error: ending.state === 'SUCCESS' ? undefined : ending.error,
    progress: ending.state === 'SUCCESS' && progress ? { ...progress, percent: 100 } : progress,
    logs,
    startedAt: task.startedAt,
    finishedAt: now,
    dueAtStart: task.dueAt,
    dueAt,
    wakeAt: dueAt === undefined ? undefined : wakeTime(engine, dueAt, now),
  };
}
