// How statements reach D1: one batch, all or nothing. Turns "D1 is away" into the refusal `store_unavailable`;
// constraint violations pass through, for the caller who caused them knows what they mean.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';

/** Texts of errors after which the same batch may succeed (D1's documentation, "Debug D1"). Not `overloaded`: that would be a storm. */
const PASSING = /network connection lost|storage caused object to be reset|reset because its code was updated/i;
const TRIES = 3;

const queries = new WeakMap<Engine, number>();

/** Rows, as D1's answers count them. */
export interface RowsUsed {
  rowsRead: number;
  rowsWritten: number;
}

const used = new WeakMap<Engine, RowsUsed>();

/**
 * What the engine's statements used in this isolate since this was asked last. Whoever asks writes it into a row that is
 * written anyway. Weakness: what an isolate has not written when it ends, or in a batch that fails, is never counted.
 */
export function takeRowsUsed(engine: Engine): RowsUsed {
  const rows = used.get(engine) ?? { rowsRead: 0, rowsWritten: 0 };
  used.delete(engine);
  return rows;
}

function noteRowsUsed(engine: Engine, results: readonly D1Result[]): void {
  const rows = used.get(engine) ?? { rowsRead: 0, rowsWritten: 0 };
  for (const { meta } of results) {
    rows.rowsRead += meta.rows_read;
    rows.rowsWritten += meta.rows_written;
  }
  used.set(engine, rows);
}

/** Statements run by this isolate: what an invocation runs is at most what came to it meanwhile. D1 allows 1,000. */
export function queriesSoFar(engine: Engine): number {
  return queries.get(engine) ?? 0;
}

/**
 * Runs the statements as one transaction. `repeatable`: running the batch twice equals running it once, so it is tried
 * again after a passing fault; D1 itself never retries writes. Throws EngineError `store_unavailable`.
 */
export async function commit(
  engine: Engine,
  statements: D1PreparedStatement[],
  options: { repeatable: boolean },
): Promise<D1Result[]> {
  for (let tried = 1; ; tried++) {
    queries.set(engine, queriesSoFar(engine) + statements.length);
    try {
      const results = await engine.db.batch(statements);
      noteRowsUsed(engine, results);
      return results;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (/constraint failed/i.test(message)) throw error;
      if (!options.repeatable || tried === TRIES || !PASSING.test(message)) {
        throw new EngineError('store_unavailable', 'the database did not answer', [], { cause: error });
      }
      await scheduler.wait(50 * tried * (1 + engine.random()));
    }
  }
}

/** The rows of one read. Throws EngineError `store_unavailable`. */
export async function read<Row>(engine: Engine, statement: D1PreparedStatement): Promise<Row[]> {
  const [result] = await commit(engine, [statement], { repeatable: true });
  return (result?.results ?? []) as Row[];
}
