// Circuits: one row for each dependency with faults. A dependency without a row is healthy.
import type { Engine } from '../engine.ts';
import { read, write } from './batch.ts';

export interface Circuit {
  name: string;
  /** In a row. */
  failures: number;
  /** Set while open: when one caller may try, epoch milliseconds. */
  probeAt: number | null;
}

const COLUMNS = 'name, failures, probe_at AS probeAt';

export async function findCircuit(engine: Engine, name: string): Promise<Circuit | undefined> {
  return (await read<Circuit>(engine, `SELECT ${COLUMNS} FROM circuits WHERE name = ?1`, name))[0];
}

export async function listCircuits(engine: Engine): Promise<Circuit[]> {
  return read<Circuit>(engine, `SELECT ${COLUMNS} FROM circuits ORDER BY name LIMIT 1000`);
}

/** Faults further apart are not in a row, in milliseconds. */
const ROW_MS = 5 * 60_000;

/** A failed probe finds the circuit open and leaves it so until the next one. */
const COUNT = `
  INSERT INTO circuits (name, failures, failed_at, probe_at) VALUES (?1, 1, ?2, CASE WHEN ?3 <= 1 THEN ?4 END)
  ON CONFLICT (name) DO UPDATE SET
    failures = CASE WHEN failed_at < ?2 - ?5 AND probe_at IS NULL THEN 1 ELSE failures + 1 END,
    failed_at = ?2,
    probe_at = CASE WHEN probe_at IS NOT NULL THEN probe_at
      WHEN CASE WHEN failed_at < ?2 - ?5 THEN 1 ELSE failures + 1 END >= ?3 THEN ?4 END
  RETURNING ${COLUMNS}`;

/** One more fault; the circuit as it is now, open from the `faults`-th one on. */
export async function countFault(
  engine: Engine,
  name: string,
  { faults, now, probeAt }: { faults: number; now: number; probeAt: number },
): Promise<Circuit | undefined> {
  return (await read<Circuit>(engine, COUNT, name, now, faults, probeAt, ROW_MS))[0];
}

const PROBE = 'UPDATE circuits SET probe_at = ?3 WHERE name = ?1 AND probe_at <= ?2';

/** True for the one caller who may try now; the next one may at `nextAt`. */
export async function takeProbe(engine: Engine, name: string, now: number, nextAt: number): Promise<boolean> {
  return (await write(engine, { repeatable: false }, PROBE, name, now, nextAt)) > 0;
}

export async function deleteCircuit(engine: Engine, name: string): Promise<void> {
  await write(engine, { repeatable: true }, 'DELETE FROM circuits WHERE name = ?1', name);
}
