// How the results of parents become a task's input: pure. Celery's rules, with names instead of positions.
import type { Receives, RunsOn } from '../new-task.ts';
import type { TaskError } from '../task.ts';
import { GATHER_GRAPH } from './node.ts';

/** How one parent ended. */
export interface ParentOutcome {
  taskId: string;
  result: unknown;
  error: TaskError | undefined;
  /** False: it is REVOKED because it was not needed. */
  wasNeeded: boolean;
  runsOn: RunsOn;
  /** In a graph, the name under which its result is received; '' if it is not. Elsewhere null. */
  label: string | null;
}

/** Why a task is REVOKED that is not needed after what its parents came to. */
export const NOT_NEEDED: TaskError = {
  code: 'not_needed',
  type: 'NotNeeded',
  message: 'a node before it was not needed, or none of those it was to follow has failed',
};

/** Thrown instead of an input. */
export class NotNeeded extends Error {
  override readonly name = 'NotNeeded';
}

/**
 * The input of the task: what the parents pass on, overridden by what was bound when the workflow was made. `parents`: in the order
 * of their positions. Throws NotNeeded for a node of a graph that must not run.
 */
export function mergeInput(
  { name, receives }: { name: string; receives: Receives },
  parents: readonly ParentOutcome[],
  bound: unknown,
): unknown {
  const named = parents.filter(({ label }) => label !== null);
  const given = named.length > 0 ? flowByName(name, named) : flow(receives, parents);
  return { ...given, ...(isRecord(bound) ? bound : {}) };
}

/** The task that gathers the results of a graph is always needed, and leaves out what was not. */
function flowByName(name: string, parents: readonly ParentOutcome[]): Record<string, unknown> {
  const gathers = name === GATHER_GRAPH;
  if (!gathers && !isNeeded(parents)) throw new NotNeeded();
  const given = parents.filter((parent) => parent.label !== '' && (!gathers || parent.wasNeeded));
  return Object.fromEntries(given.map((parent) => [parent.label ?? '', resultOf(parent)]));
}

/** All edges to a node are of one kind. */
function isNeeded(parents: readonly ParentOutcome[]): boolean {
  const runsOn = parents[0]?.runsOn;
  if (runsOn === 'success') return parents.every(({ wasNeeded }) => wasNeeded);
  return runsOn === 'any' || parents.some(({ error, wasNeeded }) => error && wasNeeded);
}

function resultOf({ result, error }: ParentOutcome): unknown {
  return error ? { error: plain(error) } : result;
}

function flow(receives: Receives, parents: readonly ParentOutcome[]): Record<string, unknown> {
  if (receives === 'results') return { results: parents.map(resultOf) };
  const [parent] = parents;
  if (!parent) return {};
  if (receives === 'error') return { task_id: parent.taskId, error: parent.error ? plain(parent.error) : null };
  if (receives === 'list') return { results: parent.result };
  return isRecord(parent.result) ? parent.result : { result: parent.result };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain({ code, type, message }: TaskError) {
  return { code, type, message };
}
