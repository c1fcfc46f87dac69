// How statements reach D1: one batch, all or nothing. Turns "D1 is away" into the refusal `store_unavailable`;
// constraint violations pass through, for the caller who caused them knows what they mean.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';

/** Texts of errors after which the same batch may succeed (D1's documentation, "Debug D1"). Not `overloaded`: that would be a storm. */
const PASSING = /network connection lost|storage caused object to be reset|reset because its code was updated/i;
const TRIES = 3;

const queries = new WeakMap<Engine, number>();

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
      return await engine.db.batch(statements);
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
