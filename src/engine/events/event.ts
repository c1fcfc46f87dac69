// Events from outside, and what became of one that was sent.
import type { Issue } from '../errors.ts';

export interface NewEvent {
  /** Lower-case words with dots, such as `order.paid`. */
  type: string;
  /** Only waits with the same key count. Default: only waits without a key. */
  key?: string | undefined;
  /** Any JSON. Default: null. */
  payload?: unknown;
  /** Sent twice, it is one event. Default: a new one. */
  id?: string | undefined;
}

export interface EventReceipt {
  id: string;
  /** Epoch milliseconds. */
  at: number;
  /** True when an event with this id was sent before: nothing more happened. */
  duplicate: boolean;
  /** How many steps waited for it. */
  woken: number;
  /** The tasks of definitions that start on it. */
  taskIds: string[];
}

const TYPE = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/;
const MAX_CHARACTERS = 256;

/** What is wrong with the names of an event, sent or waited for. */
export function eventFaults({ type, key, id }: Pick<NewEvent, 'type' | 'key' | 'id'>): Issue[] {
  const issues: Issue[] = [];
  const isText = (text: unknown) => typeof text === 'string' && text.length >= 1 && text.length <= MAX_CHARACTERS;
  if (!isText(type) || !TYPE.test(type))
    issues.push({
      path: 'type',
      message: 'must be lower-case words with dots, such as order.paid, up to 256 characters',
    });
  if (key !== undefined && !isText(key)) issues.push({ path: 'key', message: 'must have 1–256 characters' });
  if (id !== undefined && !isText(id)) issues.push({ path: 'id', message: 'must have 1–256 characters' });
  return issues;
}
