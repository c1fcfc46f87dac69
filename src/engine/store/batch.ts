// How statements reach D1: one batch, all or nothing. Each statement's result is read through the handle that adding it
// returned. A fault of D1 becomes the refusal `store_unavailable`, a fault of our own SQL an internal error that says so.
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import type { TaskUpdate } from '../task.ts';
import { publishUpdates } from '../updates.ts';
import { noteQuery, noteRowsUsed } from './usage.ts';

export type Value = string | number | null;

/** The result of one statement. Readable after the commit; throws a plain Error before it. */
export interface Result<Row> {
  readonly rows: Row[];
  readonly changes: number;
}

export interface CommitOptions {
  /** Running the batch twice equals running it once, so it is tried again after a passing fault. D1 itself never retries writes. */
  repeatable: boolean;
  /** What the commit changed. Asked, and published, only while a client watches. */
  updates?: () => TaskUpdate[];
}

/** A statement changed more or fewer rows than `expectChanges` said. Nothing of its batch was committed. */
export class UnexpectedChanges extends Error {
  override readonly name = 'UnexpectedChanges';
}

/** A constraint of the database refused the batch. Nothing of it was committed. The message is D1's. */
export class ConstraintViolated extends Error {
  override readonly name = 'ConstraintViolated';

  constructor(
    message: string,
    /** `table.column`, or the name of a CHECK. */
    readonly constraint: string,
    options: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Our own SQL is wrong, or does not fit the tables: no repetition helps. */
export class SqlFault extends Error {
  override readonly name = 'SqlFault';
}

/** Errors after which the same batch may succeed (D1's documentation, "Debug D1"). Not `overloaded`: repeating adds to the load. */
const PASSING = /network connection lost|storage caused object to be reset|reset because its code was updated/i;
/** SQLite's words for statements that can never run, and D1's for values it cannot bind. */
const OUR_FAULT =
  /SQLITE_(ERROR|MISMATCH|RANGE|TOOBIG|MISUSE|AUTH)\b|no such (table|column|function|index)|syntax error|ambiguous column|too many (terms|SQL variables|columns)|wrong number of parameter|D1_TYPE_ERROR/i;
const TRIES = 3;

/** Aborts the batch unless the statement before it changed ?1 rows; migration 0016 has the CHECK. Writes nothing when it did. */
const EXPECT_CHANGES = 'INSERT INTO guards (expected, found) SELECT ?1, changes() WHERE changes() <> ?1';
const GUARD = 'expected_changes';

const WATCHED = 'SELECT 1 FROM watchers WHERE until > ?1 LIMIT 1';

/** Statements that D1 runs in order as one transaction. */
export class Batch {
  readonly #engine: Engine;
  readonly #statements: D1PreparedStatement[] = [];
  #results: D1Result[] | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get isEmpty(): boolean {
    return this.#statements.length === 0;
  }

  /** Adds a statement. Sets of values are passed as one JSON parameter: D1 binds at most 100. */
  add<Row>(sql: string, ...values: Value[]): Result<Row> {
    return this.addPrepared<Row>(this.#engine.db.prepare(sql).bind(...values));
  }

  /** Adds a statement that a caller prepared. */
  addPrepared<Row>(statement: D1PreparedStatement): Result<Row> {
    const index = this.#statements.push(statement) - 1;
    const result = () => {
      const found = this.#results?.[index];
      if (!found) throw new Error('The result of a statement was read before its batch was committed.');
      return found;
    };
    return {
      get rows() {
        return (result().results ?? []) as Row[];
      },
      get changes() {
        return result().meta.changes;
      },
    };
  }

  /** Unless the statement added last changes this many rows, the batch is aborted and `commit` throws UnexpectedChanges. */
  expectChanges(count: number): void {
    this.add(EXPECT_CHANGES, count);
  }

  /** Throws EngineError `store_unavailable`, UnexpectedChanges, ConstraintViolated, SqlFault. */
  async commit({ repeatable, updates }: CommitOptions): Promise<void> {
    const engine = this.#engine;
    const watched = engine.publish && updates ? this.add(WATCHED, engine.clock.now()) : undefined;
    for (let tried = 1; ; tried++) {
      noteQuery(engine, this.#statements.length);
      try {
        this.#results = await engine.db.batch(this.#statements);
        break;
      } catch (error) {
        if (!repeatable || tried === TRIES || !PASSING.test(textOf(error))) throw faultOf(error);
        await scheduler.wait(50 * tried * (1 + engine.random()));
      }
    }
    noteRowsUsed(engine, this.#results);
    if (updates && watched && watched.rows.length > 0) publishUpdates(engine, updates());
  }
}

/** The rows of one read. Throws EngineError `store_unavailable`, SqlFault. */
export async function read<Row>(engine: Engine, sql: string, ...values: Value[]): Promise<Row[]> {
  const batch = new Batch(engine);
  const result = batch.add<Row>(sql, ...values);
  await batch.commit({ repeatable: true });
  return result.rows;
}

/** Runs one statement that writes. Returns how many rows it changed. Throws as `Batch.commit` does. */
export async function write(
  engine: Engine,
  options: Pick<CommitOptions, 'repeatable'>,
  sql: string,
  ...values: Value[]
): Promise<number> {
  const batch = new Batch(engine);
  const result = batch.add(sql, ...values);
  await batch.commit(options);
  return result.changes;
}

/** D1 reports every fault as text; this is the only place that reads it. */
function faultOf(error: unknown): Error {
  const text = textOf(error);
  const constraint = text.match(/constraint failed: ([\w.]+)/i)?.[1];
  if (constraint === GUARD) return new UnexpectedChanges(text, { cause: error });
  if (constraint !== undefined || /constraint failed/i.test(text))
    return new ConstraintViolated(text, constraint ?? '', { cause: error });
  if (OUR_FAULT.test(text)) return new SqlFault(`The engine's SQL does not run: ${text}`, { cause: error });
  return new EngineError('store_unavailable', 'the database did not answer', [], { cause: error });
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
