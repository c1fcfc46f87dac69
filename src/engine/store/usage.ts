// What the engine uses of D1 in this isolate: statements run, rows read and written.
import type { Engine } from '../engine.ts';

/** Rows, as D1's answers count them. */
export interface RowsUsed {
  rowsRead: number;
  rowsWritten: number;
}

const queries = new WeakMap<Engine, number>();
const used = new WeakMap<Engine, RowsUsed>();

/** Statements run by this isolate. An invocation has run at most what was added meanwhile. D1 allows 1,000 an invocation. */
export function queriesSoFar(engine: Engine): number {
  return queries.get(engine) ?? 0;
}

export function noteQuery(engine: Engine, statements: number): void {
  queries.set(engine, queriesSoFar(engine) + statements);
}

/**
 * Rows used since this was called last. The caller adds them to a row that it writes anyway. Weakness: rows that an isolate
 * has not written when it ends, or in a batch that fails, are never counted.
 */
export function takeRowsUsed(engine: Engine): RowsUsed {
  const rows = used.get(engine) ?? { rowsRead: 0, rowsWritten: 0 };
  used.delete(engine);
  return rows;
}

export function noteRowsUsed(engine: Engine, results: readonly D1Result[]): void {
  const rows = used.get(engine) ?? { rowsRead: 0, rowsWritten: 0 };
  for (const { meta } of results) {
    rows.rowsRead += meta.rows_read;
    rows.rowsWritten += meta.rows_written;
  }
  used.set(engine, rows);
}
