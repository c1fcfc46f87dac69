// What people do with the steps of a task from outside: look, decide, run again from one, fork.
import { acceptPrepared } from '../accept.ts';
import { hashInput, idempotencyKeyOf } from '../dedupe-keys.ts';
import { announce } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import type { EnqueueOptions } from '../enqueue-options.ts';
import { EngineError } from '../errors.ts';
import { checkIn, checkOut } from '../payloads.ts';
import { prepareTasks } from '../prepare-tasks.ts';
import type { Receipt } from '../receipt.ts';
import { getTask } from '../store/get-task.ts';
import { readPayloads, readSteps, readWholeStep } from '../store/read-steps.ts';
import {
  type ApprovalPosition,
  copySteps,
  decideStep,
  listOpenApprovals,
  type OpenApproval,
} from '../store/step-changes.ts';
import type { StoredDecision } from './approval.ts';
import type { ApprovalName } from './approval-link.ts';
import { labelOf } from './history.ts';
import type { RecordedStep, StepName } from './step.ts';

/** The steps of a task in the order in which its code asked for them, with the payloads of events as results. Throws EngineError `task_not_found`. */
export async function listSteps(engine: Engine, taskId: string): Promise<RecordedStep[]> {
  const steps = await readSteps(engine, taskId);
  if (steps.length === 0 && !(await getTask(engine, taskId)))
    throw new EngineError('task_not_found', `no task ${taskId}`);
  const eventIds = steps.flatMap(({ eventId }) => eventId ?? []);
  const payloads = eventIds.length > 0 ? await readPayloads(engine, eventIds) : new Map<string, string>();
  return steps.map((step) => {
    if (step.eventId === undefined) return step;
    const json = payloads.get(step.eventId);
    return json === undefined ? { ...step, isLong: true } : { ...step, result: { json } };
  });
}

/** A step with its whole result: JSON, as text or as a stream if it is large. undefined: it has none. */
export interface WholeStep {
  step: RecordedStep;
  json: string | ReadableStream<Uint8Array> | undefined;
}

/** Throws EngineError `task_not_found`, `step_not_found`. */
export async function openStep(engine: Engine, taskId: string, name: StepName): Promise<WholeStep> {
  const found = await readWholeStep(engine, taskId, name);
  if (!found) return refuseStep(engine, taskId, name);
  const { step, result } = found;
  if (!result || 'json' in result) return { step, json: result?.json };
  const json = await engine.payloads.open(result.key);
  if (!json) throw new Error(`the result of step ${labelOf(name)} of task ${taskId} is gone`);
  return { step, json };
}

async function refuseStep(engine: Engine, taskId: string, name: StepName): Promise<never> {
  if (!(await getTask(engine, taskId))) throw new EngineError('task_not_found', `no task ${taskId}`);
  throw new EngineError('step_not_found', `task ${taskId} has recorded no step ${labelOf(name)}`);
}

/** Throws EngineError `task_not_found`, `step_not_found`. */
export async function findStep(engine: Engine, taskId: string, name: StepName): Promise<RecordedStep> {
  return (await readWholeStep(engine, taskId, name))?.step ?? refuseStep(engine, taskId, name);
}

/** An approval and what became of it. */
export interface ApprovalState {
  step: RecordedStep;
  /** The definition of its task. */
  task: string;
  /** `closed`: its task has ended without it. */
  state: 'open' | 'decided' | 'expired' | 'closed';
  decision: StoredDecision | undefined;
}

/** Throws EngineError `approval_not_found`. */
export async function findApproval(engine: Engine, { taskId, ...name }: ApprovalName): Promise<ApprovalState> {
  const task = await getTask(engine, taskId);
  const steps = task ? await readSteps(engine, taskId) : [];
  const step = steps.find((one) => one.name === name.name && one.occurrence === name.occurrence);
  if (!task || step?.kind !== 'approval')
    throw new EngineError('approval_not_found', `task ${taskId} has no approval ${labelOf(name)}`);
  const decided = step.outcome === 'done' && step.result ? await checkOut(engine, step.result) : undefined;
  const decision = decided === undefined ? undefined : (JSON.parse(decided) as StoredDecision);
  return { step, task: task.name, state: stateOf(engine, step, task.finishedAt !== undefined), decision };
}

function stateOf(engine: Engine, { outcome, until = 0 }: RecordedStep, isFinal: boolean): ApprovalState['state'] {
  if (outcome === 'done') return 'decided';
  if (outcome === 'timed_out' || until <= engine.clock.now()) return 'expired';
  return isFinal ? 'closed' : 'open';
}

/**
 * Decides an approval, once. Its task goes on at once.
 * Throws EngineError `approval_not_found`, `approval_decided`, `approval_expired`.
 */
export async function decideApproval(
  engine: Engine,
  name: ApprovalName,
  { approved, by, note }: Omit<StoredDecision, 'at'>,
): Promise<ApprovalState> {
  const at = engine.clock.now();
  const decision: StoredDecision = { approved, by, note, at };
  const { decided, rings } = await decideStep(engine, name, JSON.stringify(decision), at);
  await announce(engine, rings);
  const now = await findApproval(engine, name);
  if (decided) return now;
  if (now.state !== 'decided')
    throw new EngineError('approval_expired', `the approval ${labelOf(name)} can no longer be decided`);
  const { decision: first } = now;
  const what = first?.approved ? 'approved' : 'rejected';
  throw new EngineError('approval_decided', `the approval ${labelOf(name)} was ${what} before, by ${first?.by}`);
}

export type { OpenApproval };

/** The approvals that wait for a person, the oldest first, after the one that `after` names. */
export function listApprovals(
  engine: Engine,
  limit: number,
  after: ApprovalPosition = { startedAt: 0, taskId: '', position: 0 },
): Promise<OpenApproval[]> {
  return listOpenApprovals(engine, after, limit);
}

/**
 * Enqueues a task with the same input as `taskId`, which begins with what that recorded before the step `from`. It does not undo
 * those steps if it fails: the other task did them.
 * Throws EngineError `task_not_found`, `task_in_workflow`, `step_not_found`, `unknown_task`, and as `enqueue` does.
 */
export async function forkTask(
  engine: Engine,
  taskId: string,
  from: StepName,
  { idempotencyKey }: Pick<EnqueueOptions, 'idempotencyKey'> = {},
): Promise<Receipt> {
  const { position } = await findStep(engine, taskId, from);
  const task = await getTask(engine, taskId);
  if (!task) throw new EngineError('task_not_found', `no task ${taskId}`);
  if (task.workflowId !== undefined)
    throw new EngineError('task_in_workflow', `task ${taskId} is a part of workflow ${task.workflowId}`);
  const definition = engine.registry.get(task.name);
  if (!definition) throw new EngineError('unknown_task', `no task is named "${task.name}"`);
  const input: unknown = JSON.parse(await checkOut(engine, task.input));
  const options = { queue: task.queue, idempotencyKey, ...(task.tags.length > 0 && { tags: task.tags }) };
  const [prepared] = await prepareTasks(engine, [{ definition, input, options }]);
  if (!prepared) throw new Error('There is no task to fork.');
  const keys = await copyPayloads(engine, taskId, prepared.id, position);
  // Not the definition's rule for unique work, which would return the origin. Another fork under the same key is refused.
  const dedupeKeys =
    idempotencyKey === undefined
      ? []
      : [idempotencyKeyOf(idempotencyKey, await hashInput('fork', [taskId, position]), engine.clock.now())];
  const [receipt] = await acceptPrepared(engine, [{ ...prepared, dedupeKeys }], {
    after: (batch) => copySteps(batch, { from: taskId, to: prepared.id, before: position, keys }),
  });
  return receipt ?? { taskId: prepared.id, duplicate: false };
}

/** Copies large results: each task deletes its own. Returns the new payload keys by the old ones. */
async function copyPayloads(engine: Engine, from: string, to: string, before: number): Promise<Record<string, string>> {
  const keys: Record<string, string> = {};
  for (const { position, result } of await readSteps(engine, from)) {
    if (position >= before || !result || !('key' in result)) continue;
    const copy = await checkIn(engine, to, `step-0-${position}`, await checkOut(engine, result));
    if ('key' in copy) keys[result.key] = copy.key;
  }
  return keys;
}
