// How the results of parents become a task's input: pure. Celery's rules, with names instead of positions.
import type { Receives } from '../new-task.ts';
import type { TaskError } from '../task.ts';

/** How one parent ended. */
export interface ParentOutcome {
  taskId: string;
  result: unknown;
  error: TaskError | undefined;
}

/** The input: what the parents pass on, overridden by what was bound when the workflow was made. `parents`: in the order of their positions. */
export function mergeInput(receives: Receives, parents: readonly ParentOutcome[], bound: unknown): unknown {
  return { ...flow(receives, parents), ...(isRecord(bound) ? bound : {}) };
}

function flow(receives: Receives, parents: readonly ParentOutcome[]): Record<string, unknown> {
  if (receives === 'results')
    return { results: parents.map(({ result, error }) => (error ? { error: plain(error) } : result)) };
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
