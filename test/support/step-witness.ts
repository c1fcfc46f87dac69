// Watches what happens to steps: triggers in the database keep each write that ends a step, and refuse a write that ends an undo
// for the second time, or while no attempt runs.
import { env } from 'cloudflare:workers';

/** A write that ended a step. */
export interface StepWrite {
  name: string;
  /** `again`: what had ended was changed. */
  what: 'ended' | 'again';
  /** Whether the attempt that wrote it held the task at that moment. */
  isHeld: number;
}

const TABLE = 'CREATE TABLE step_writes (name TEXT, what TEXT, held INTEGER)';
const HELD = "(SELECT fence = new.attempt AND state = 'STARTED' FROM tasks WHERE id = new.task_id)";
const keep = (what: string) =>
  `INSERT INTO step_writes VALUES (new.name || ' ' || new.occurrence, '${what}', ${HELD});`;
const trigger = (name: string, on: string, when: string, what: string) =>
  `CREATE TRIGGER witness_${name} AFTER ${on} ON task_steps WHEN ${when} BEGIN ${keep(what)} END`;

const REFUSED = 'refused by the witness';
const refusal = (name: string, when: string) =>
  `CREATE TRIGGER witness_${name} BEFORE UPDATE ON task_steps WHEN ${when} BEGIN SELECT RAISE(ABORT, '${REFUSED}'); END`;

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
  // The engine counts the rows that the writes of undos change, and would count those that a trigger writes too.
  refusal('again', "old.undo = 'done' AND new.undo IS NOT NULL"),
  refusal('unheld', "new.undo = 'done' AND (SELECT state <> 'STARTED' FROM tasks WHERE id = new.task_id)"),
];

export async function startWitness(): Promise<void> {
  for (const sql of [TABLE, ...TRIGGERS]) await env.DB.prepare(sql).run();
}

/** Other files share the database, and count its rows. */
export async function stopWitness(): Promise<void> {
  for (const name of ['insert', 'end', 'change', 'again', 'unheld'])
    await env.DB.prepare(`DROP TRIGGER witness_${name}`).run();
  await env.DB.prepare('DROP TABLE step_writes').run();
}

/** The writes since the last call. */
export async function takeWrites(): Promise<StepWrite[]> {
  const { results } = await env.DB.prepare(
    'DELETE FROM step_writes RETURNING name, what, held AS isHeld',
  ).all<StepWrite>();
  return results;
}

/** The same database, which adds to `refused` what the triggers refuse. */
export function witnessed(db: D1Database, refused: unknown[]): D1Database {
  const batch: D1Database['batch'] = async (statements) => {
    try {
      return await db.batch(statements);
    } catch (error) {
      if (String(error).includes(REFUSED)) refused.push(error);
      throw error;
    }
  };
  return new Proxy(db, {
    get(target, property) {
      const value = property === 'batch' ? batch : (Reflect.get(target, property) as unknown);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
