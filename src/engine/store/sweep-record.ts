// When each chore of the sweep ran last: for health checks, and for chores that need not run every minute.
import type { Engine } from '../engine.ts';
import { read, write } from './batch.ts';
import { takeRowsUsed } from './usage.ts';

const RECORD = `
  INSERT INTO sweeps (chore, ran_at, rows_read, rows_written) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at,
    rows_read = rows_read + excluded.rows_read, rows_written = rows_written + excluded.rows_written`;

export async function recordSweep(engine: Engine, chore: string): Promise<void> {
  const { rowsRead, rowsWritten } = takeRowsUsed(engine);
  await write(engine, { repeatable: true }, RECORD, chore, engine.clock.now(), rowsRead, rowsWritten);
}

const COUNT = `
  INSERT INTO sweeps (chore, ran_at, tasks) VALUES (?1, ?2, ?3)
  ON CONFLICT (chore) DO UPDATE SET ran_at = excluded.ran_at, tasks = tasks + excluded.tasks`;

/** Adds to the tasks that a chore has handled. Not repeated after an unclear outcome: that would count them twice. */
export async function countChore(engine: Engine, chore: string, tasks: number): Promise<void> {
  await write(engine, { repeatable: false }, COUNT, chore, engine.clock.now(), tasks);
}

export interface SweepRecord {
  chore: string;
  /** Epoch milliseconds. */
  ranAt: number;
  /** Tasks handled since the beginning, if the chore counts them. */
  tasks: number;
  /** Rows of D1, by the isolates that swept: as in Counts. */
  rowsRead: number;
  rowsWritten: number;
}

/** All chores that ever ran. */
export async function readSweeps(engine: Engine): Promise<SweepRecord[]> {
  const select = 'SELECT chore, ran_at AS ranAt, tasks, rows_read AS rowsRead, rows_written AS rowsWritten FROM sweeps';
  return read<SweepRecord>(engine, select);
}

/** Epoch milliseconds; undefined when it never ran. */
export async function lastSweep(engine: Engine, chore: string): Promise<number | undefined> {
  const [row] = await read<{ ran_at: number }>(engine, 'SELECT ran_at FROM sweeps WHERE chore = ?1', chore);
  return row?.ran_at;
}
