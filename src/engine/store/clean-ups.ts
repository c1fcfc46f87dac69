// How far each chore of the clean-up has come.
import type { Engine } from '../engine.ts';
import { read, write } from './batch.ts';

/** One way of a chore through everything that it may delete. */
export interface Pass {
  /** What was due by then is deleted. Epoch milliseconds. */
  asOf: number;
  /** Where the pass goes on; null: at the beginning. */
  cursor: string | null;
  /** What it has deleted so far. */
  deleted: number;
}

const BEGIN = `
  INSERT INTO clean_ups (chore, as_of) VALUES (?1, ?2)
  ON CONFLICT (chore) DO UPDATE SET as_of = excluded.as_of, cursor = NULL, deleted = 0 WHERE as_of IS NULL`;

/** Begins a pass of the chore, or continues the one that runs. */
export async function beginPass(engine: Engine, chore: string): Promise<Pass> {
  await write(engine, { repeatable: true }, BEGIN, chore, engine.clock.now());
  const select = 'SELECT as_of AS asOf, cursor, deleted FROM clean_ups WHERE chore = ?1';
  const [pass] = await read<Pass>(engine, select, chore);
  if (!pass) throw new Error(`the pass of ${chore} is gone`);
  return pass;
}

/** A pass that has ended meanwhile is left as it is: another attempt of the task ended it. */
const SAVE = `
  UPDATE clean_ups SET cursor = ?3, deleted = ?4,
    done_as_of = CASE WHEN ?3 IS NULL THEN as_of ELSE done_as_of END, as_of = CASE WHEN ?3 IS NULL THEN NULL ELSE as_of END
  WHERE chore = ?1 AND as_of = ?2`;

/** Writes how far a pass has come. Without a cursor, the pass has ended. */
export async function savePass(engine: Engine, chore: string, pass: Pass): Promise<void> {
  await write(engine, { repeatable: true }, SAVE, chore, pass.asOf, pass.cursor, pass.deleted);
}

export interface CleanUpRecord {
  chore: string;
  /** All that was due by then is deleted. Epoch milliseconds; null: no pass has ended yet. */
  doneAsOf: number | null;
  /** The same; before a pass has ended, when the first one began. What is due since then may be left. */
  cleanAsOf: number | null;
  /** By the pass that runs, or by the last one. */
  deleted: number;
}

/** All chores that ever began. */
export async function readCleanUps(engine: Engine): Promise<CleanUpRecord[]> {
  return read<CleanUpRecord>(
    engine,
    'SELECT chore, done_as_of AS doneAsOf, coalesce(done_as_of, as_of) AS cleanAsOf, deleted FROM clean_ups',
  );
}
