// What a dependency's faults have come to, one row each; no row: all is well.
import type { Engine } from '../engine.ts';
import { commit, read } from './commit.ts';

export interface Circuit {
  name: string;
  /** In a row. */
  failures: number;
  /** Set while open: when one caller may try, epoch milliseconds. */
  probeAt: number | null;
}

const COLUMNS = 'name, failures, probe_at AS probeAt';

export async function findCircuit(engine: Engine, name: string): Promise<Circuit | undefined> {
  const query = engine.db.prepare(`SELECT ${COLUMNS} FROM circuits WHERE name = ?1`).bind(name);
  return (await read<Circuit>(engine, query))[0];
}

export async function listCircuits(engine: Engine): Promise<Circuit[]> {
  return read<Circuit>(engine, engine.db.prepare(`SELECT ${COLUMNS} FROM circuits ORDER BY name LIMIT 1000`));
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
  const statement = engine.db.prepare(COUNT).bind(name, now, faults, probeAt, ROW_MS);
  const [counted] = await commit(engine, [statement], { repeatable: true });
  return ((counted?.results ?? []) as Circuit[])[0];
}

const PROBE = 'UPDATE circuits SET probe_at = ?3 WHERE name = ?1 AND probe_at <= ?2';

/** True for the one caller who may try now; the next one may at `nextAt`. */
export async function takeProbe(engine: Engine, name: string, now: number, nextAt: number): Promise<boolean> {
  const [taken] = await commit(engine, [engine.db.prepare(PROBE).bind(name, now, nextAt)], { repeatable: false });
  return (taken?.meta.changes ?? 0) > 0;
}

export async function closeCircuit(engine: Engine, name: string): Promise<void> {
  const statement = engine.db.prepare('DELETE FROM circuits WHERE name = ?1').bind(name);
  await commit(engine, [statement], { repeatable: true });
}
