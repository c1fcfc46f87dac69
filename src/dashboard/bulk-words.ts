// The words for changing many tasks at once: `Retry 1,027 failed tasks`, `Revoke 37 waiting tasks`. Pure.
import { count, plural } from './format.ts';
import { FINAL } from './task-query.ts';

export type Verb = 'revoke' | 'retry';

export const LABELS: Record<Verb, string> = { retry: 'Retry', revoke: 'Revoke' };

/** The API looks at no more matching tasks than this when it counts. */
export const MAX_COUNTED = 20_000;

const KINDS: Record<string, string> = {
  ...{ WAITING: 'waiting', PENDING: 'waiting', RETRY: 'waiting', STARTED: 'running' },
  ...{ SUCCESS: 'succeeded', FAILURE: 'failed', REVOKED: 'revoked' },
};

/** What tasks of these states have in common; empty for final tasks of several states. */
function kindOf(states: readonly string[]): string {
  const kinds = new Set(states.map((state) => KINDS[state] ?? ''));
  const [only = ''] = kinds;
  if (kinds.size === 1) return only;
  return states.length > 0 && !states.some((state) => FINAL.includes(state)) ? 'unfinished' : '';
}

/** `states`: of the tasks. `isComplete`: false if there may be more tasks than were counted. */
export function bulkLabel(verb: Verb, total: number, states: readonly string[], isComplete = true): string {
  const kind = kindOf(states);
  const tasks = plural(total, kind === '' ? 'task' : `${kind} task`);
  const bound = isComplete ? '' : total >= MAX_COUNTED ? 'more than ' : 'at least ';
  return `${LABELS[verb]} ${bound}${tasks}`;
}

export const REVOKED =
  'Waiting tasks will not start. Running tasks are asked to stop, and their results are discarded.';
export const RETRIED = 'The tasks run again with their original input. Their earlier attempts are kept.';

/** What a typed number must be equal to, with or without separators. */
export function isNumber(typed: string, wanted: number): boolean {
  return typed.replace(/[\s,.’']/g, '') === String(wanted);
}

/** `2 tasks have succeeded. Type 1,027 to run them again, too.` */
export function typeNumber(succeeded: number, total: number): string {
  const again = succeeded === 1 ? 'it' : 'them';
  return `${plural(succeeded, 'task has', 'tasks have')} already succeeded. Type ${count(total)} to run ${again} again, too.`;
}
