// What earlier replies named: ids, names, keys and cursors, so that later requests are about things that exist.
import type { Operation } from '../support/contract.ts';
import type { Dice } from './dice.ts';

const KEPT = 40;
/** The step in which `demo.approval` asks a person. */
export const ASKED_STEP = 'approval';

export type Pool = ReturnType<typeof createPool>;

export function createPool() {
  const known = new Map<string, string[]>();

  function add(kind: string, value: unknown): void {
    if (typeof value !== 'string') return;
    const values = known.get(kind) ?? [];
    if (values.includes(value)) return;
    values.push(value);
    if (values.length > KEPT) values.shift();
    known.set(kind, values);
  }

  return {
    /** A value that a reply named; undefined when there is none yet. */
    pick(kind: string, dice: Dice): string | undefined {
      const values = known.get(kind);
      return values && values.length > 0 ? dice.pick(values) : undefined;
    },

    /** Learns from the reply to an operation. */
    learn({ name, path }: Operation, body: unknown): void {
      if (typeof body !== 'object' || body === null) return;
      const { items = [], ...whole } = body as { items?: unknown };
      const rows = [whole, ...(Array.isArray(items) ? items : [])] as Record<string, unknown>[];
      for (const row of rows) {
        add('task', row.task_id);
        add('workflow', row.workflow_id);
        add('file', row.file);
        if (path === '/approvals' && nameOf(row.step) === ASKED_STEP) add('asking task', row.task_id);
        if (path === '/schedules' || path === '/schedules/{name}') add('schedule', row.name);
        if (path.startsWith('/mailbox')) add('mail', row.id);
        // The API keys that the fuzz itself uses are in the list, too, and must not be revoked.
        if (name !== 'POST /keys') continue;
        add('apiKey', row.prefix);
        add('apiKeyText', row.key);
      }
      add(`cursor ${path}`, (body as { next_cursor?: unknown }).next_cursor);
    },
  };
}

function nameOf(step: unknown): unknown {
  return typeof step === 'object' && step !== null && 'name' in step ? step.name : undefined;
}

/** The kind of what a parameter of this path names; undefined when the schema says all about it. */
export function kindOf({ path, method }: Operation, parameter: string): string | undefined {
  if (parameter === 'cursor') return `cursor ${path}`;
  if (parameter === 'key') return method === 'PUT' ? undefined : 'file';
  if (parameter === 'prefix') return path.startsWith('/keys') ? 'apiKey' : undefined;
  if (parameter === 'workflow_id') return 'workflow';
  if (parameter === 'name' && path.startsWith('/schedules')) return 'schedule';
  if (parameter !== 'id') return undefined;
  if (path === '/tasks/{id}/approvals' || path === '/tasks/{id}/fork') return 'asking task';
  return path.startsWith('/workflows') ? 'workflow' : path.startsWith('/mailbox') ? 'mail' : 'task';
}
