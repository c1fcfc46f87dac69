// What one time of a schedule enqueues: a task, or a workflow. Each has a dedupe key made of the schedule's name and the time, and
// the time is recorded in the transaction that enqueues: a regular firing and a backfill enqueue the same time once.
import { acceptPrepared } from '../accept.ts';
import { wakeTime } from '../doorbell.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { DedupeKey, NewTask } from '../new-task.ts';
import { type EnqueueRequest, prepareTasks } from '../prepare-tasks.ts';
import { recordFirings } from '../store/firings.ts';
import type { WorkflowNode } from '../workflow/node.ts';
import {
  addWorkflows,
  type PlacedWorkflow,
  type PlannedWorkflow,
  pathOf,
  placeTasks,
  planWorkflow,
} from '../workflow/plan-workflow.ts';
import { readNode, type StoredNode } from '../workflow/stored.ts';
import type { ScheduledWorkflow, ScheduleEntry } from './entry.ts';
import { fillTimes } from './fill-times.ts';

/** How long a firing's dedupe key is kept: longer than a sweep that has read the schedule can take. */
const KEY_MS = 2 * 86_400_000;

/** The schedule and what it enqueues. */
export interface Fires {
  name: string;
  entry: ScheduleEntry;
}

/** The request of its task. `at`: the time of the firing, epoch milliseconds. Throws EngineError `unknown_task`. */
export function requestOf(engine: Engine, entry: ScheduleEntry, at: number): EnqueueRequest {
  const definition = entry.task === undefined ? undefined : engine.registry.get(entry.task);
  if (!definition) throw new EngineError('unknown_task', `no task is named "${entry.task}" in this deployment`);
  return { definition, input: fillTimes(entry.input, at, entry.timezone) };
}

/** The nodes of its workflow. Throws EngineError `unknown_task`. */
export function nodesOf(
  { registry }: Engine,
  workflow: ScheduledWorkflow,
  { at, timezone }: { at: number; timezone: string },
): { root: WorkflowNode; onError: WorkflowNode | undefined } {
  const read = (stored: object) =>
    readNode((name) => registry.get(name), fillTimes(stored, at, timezone) as StoredNode);
  return { root: read(workflow.root), onError: workflow.onError && read(workflow.onError) };
}

/** Throws as `enqueueWorkflow` does. */
export async function planScheduled(
  engine: Engine,
  { name, entry }: Fires,
  workflow: ScheduledWorkflow,
  at: number,
): Promise<PlannedWorkflow> {
  const { root, onError } = nodesOf(engine, workflow, { at, timezone: entry.timezone });
  return planWorkflow(engine, root, { onError, name: workflow.name ?? name, tags: workflow.tags });
}

/** The task of one firing, with its dedupe key. `at`: the time; `dueAt`: when it starts, epoch milliseconds. */
export async function prepareFiring(
  engine: Engine,
  { name, entry }: Fires,
  at: number,
  dueAt: number,
): Promise<NewTask> {
  const request = requestOf(engine, entry, at);
  const [task] = await prepareTasks(engine, [{ ...request, start: 'queue', options: { eta: new Date(dueAt) } }]);
  if (!task) throw new Error('nothing was prepared');
  return { ...task, dedupeKeys: [...task.dedupeKeys, keyOf(engine, name, at, '')] };
}

/** The workflow of one firing, before it is committed. */
export interface PreparedWorkflow extends PlacedWorkflow {
  /** The task whose result is the workflow's. It carries the firing's dedupe key. */
  taskId: string;
}

/** `at`: the time; `dueAt`: when it starts, epoch milliseconds. Throws as `enqueueWorkflow` does. */
export async function prepareWorkflow(
  engine: Engine,
  fires: Fires,
  workflow: ScheduledWorkflow,
  { at, dueAt }: { at: number; dueAt: number },
): Promise<PreparedWorkflow> {
  const planned = await planScheduled(engine, fires, workflow, at);
  const prepared = await prepareTasks(engine, planned.requests, pathOf(planned));
  const now = engine.clock.now();
  const tasks = placeTasks(engine, prepared, planned).map((task): NewTask => {
    const later = Math.max(task.dueAt, dueAt);
    return { ...task, dueAt: later, wakeAt: wakeTime(engine, later, now) };
  });
  const result = tasks[planned.graph.result];
  if (!result) throw new Error('nothing was prepared');
  // The task's id as hash differs from that of every holder, so that a repeat aborts as a whole.
  result.dedupeKeys = [keyOf(engine, fires.name, at, result.id)];
  return { planned, tasks, taskId: result.id };
}

/** The dedupe key of one firing. */
export function keyOfFiring(name: string, at: number): string {
  return `schedule:${name}:${new Date(at).toISOString()}`;
}

/**
 * Enqueues the workflow of one firing. Returns whether it is new: false if this time has fired already.
 * Throws as `enqueueWorkflow` does.
 */
export async function fireWorkflow(
  engine: Engine,
  fires: Fires,
  workflow: ScheduledWorkflow,
  { at, dueAt }: { at: number; dueAt: number },
): Promise<boolean> {
  const prepared = await prepareWorkflow(engine, fires, workflow, { at, dueAt });
  try {
    await acceptPrepared(engine, prepared.tasks, {
      before: (batch) => {
        addWorkflows(batch, engine, [prepared]);
        recordFirings(batch, [{ schedule: fires.name, at }]);
      },
      newWhenDue: true,
    });
    return true;
  } catch (error) {
    if (!isRepeat(error)) throw error;
    return false;
  }
}

/** True if one of the firings of a commit has been enqueued before. */
export function isRepeat(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'idempotency_conflict';
}

function keyOf(engine: Engine, name: string, at: number, inputHash: string): DedupeKey {
  const expiresAt = engine.clock.now() + KEY_MS;
  return { key: keyOfFiring(name, at), inputHash, expiresAt, until: 'forever', replaces: false };
}
