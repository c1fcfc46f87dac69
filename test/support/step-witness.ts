// Watches what happens to steps: triggers in the database keep each write that ends a step or its undo, and how often.
import { env } from 'cloudflare:workers';

/** A write that ended a step, or its undo. */
export interface StepWrite {
  taskId: string;
  name: string;
  /** `again`: what had ended was changed. */
  what: 'ended' | 'undone' | 'again';
  /** Whether the attempt that wrote it held the task at that moment. */
  isHeld: number;
}

const TABLE = 'CREATE TABLE step_writes (task_id TEXT, name TEXT, what TEXT, held INTEGER)';
const HELD = "(SELECT fence = new.attempt AND state = 'STARTED' FROM tasks WHERE id = new.task_id)";
const keep = (what: string) =>
  `INSERT INTO step_writes VALUES (new.task_id, new.name || ' ' || new.occurrence, '${what}', ${HELD});`;
const trigger = (name: string, on: string, when: string, what: string) =>
  `CREATE TRIGGER witness_${name} AFTER ${on} ON task_steps WHEN ${when} BEGIN ${keep(what)} END`;

const TRIGGERS = [
  trigger('insert', 'INSERT', "new.outcome <> 'open'", 'ended'),
  trigger('end', 'UPDATE', "old.outcome = 'open' AND new.outcome <> 'open'", 'ended'),
  trigger(
    'change',
    'UPDATE',
    `old.outcome <> 'open' AND (old.outcome, old.result, old.event_id, old.attempt) IS NOT
      (new.outcome, new.result, new.event_id, new.attempt)`,
    'again',
  ),
  trigger('undo', 'UPDATE', "new.undo = 'done'", 'undone'),
];

export async function startWitness(): Promise<void> {
  for (const sql of [TABLE, ...TRIGGERS]) await env.DB.prepare(sql).run();
}

/** Other files share the database, and count its rows. */
export async function stopWitness(): Promise<void> {
  for (const name of ['insert', 'end', 'change', 'undo']) await env.DB.prepare(`DROP TRIGGER witness_${name}`).run();
  await env.DB.prepare('DROP TABLE step_writes').run();
}

/** The writes since the last call. */
export async function takeWrites(): Promise<StepWrite[]> {
  const { results } = await env.DB.prepare(
    'DELETE FROM step_writes RETURNING task_id AS taskId, name, what, held AS isHeld',
  ).all<StepWrite>();
  return results;
}
