// A batch against the real D1: results, guards, and what a fault becomes.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { type Engine, EngineError, type TaskUpdate } from '../../../src/engine/manage.ts';
import {
  Batch,
  ConstraintViolated,
  read,
  SqlFault,
  UnexpectedChanges,
  write,
} from '../../../src/engine/store/batch.ts';
import { makeEngine } from '../../support/engine.ts';
import { anApp, problemOf } from '../../support/worker.ts';

const INSERT = 'INSERT INTO circuits (name, failures, failed_at) VALUES (?1, ?2, 0)';
const FAIL_MORE = 'UPDATE circuits SET failures = failures + 1 WHERE name = ?1';

const aName = () => crypto.randomUUID();
const failuresOf = (name: string) =>
  env.DB.prepare('SELECT failures FROM circuits WHERE name = ?').bind(name).first<number>('failures');

/** A D1 whose batches fail with this message, as often as `times` says. `run`: after they were committed. */
function failingDb(message: string, times: number) {
  const calls = { count: 0 };
  const db = new Proxy(env.DB, {
    get(target, property) {
      if (property !== 'batch') return (Reflect.get(target, property) as () => void).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        if (++calls.count <= times) throw new Error(message);
        return target.batch(statements);
      };
    },
  });
  return { db, calls };
}

const faultOf = async (run: Promise<unknown>) => run.then(() => undefined).catch((error: unknown) => error);

describe('a result', () => {
  it('is read through the handle of its statement, whatever was added around it', async () => {
    const engine = await makeEngine([]);
    const name = aName();
    const batch = new Batch(engine);
    const inserted = batch.add(INSERT, name, 3);
    const found = batch.add<{ failures: number }>('SELECT failures FROM circuits WHERE name = ?1', name);
    const nothing = batch.add('UPDATE circuits SET failures = 9 WHERE name = ?1', aName());
    await batch.commit({ repeatable: false });
    expect(inserted.changes).toBe(1);
    expect(found.rows).toEqual([{ failures: 3 }]);
    expect(nothing.changes).toBe(0);
  });

  it('cannot be read before the commit', async () => {
    const batch = new Batch(await makeEngine([]));
    const found = batch.add('SELECT 1');
    expect(() => found.rows).toThrow('read before its batch was committed');
    expect(() => found.changes).toThrow('read before its batch was committed');
  });

  it('of a single read or write needs no batch', async () => {
    const engine = await makeEngine([]);
    const name = aName();
    expect(await write(engine, { repeatable: false }, INSERT, name, 2)).toBe(1);
    expect(await read(engine, 'SELECT failures FROM circuits WHERE name = ?1', name)).toEqual([{ failures: 2 }]);
  });
});

describe('expectChanges', () => {
  it('lets a batch through that changed as many rows as expected, and writes no guard', async () => {
    const engine = await makeEngine([]);
    const name = aName();
    const batch = new Batch(engine);
    batch.add(INSERT, name, 1);
    batch.expectChanges(1);
    await batch.commit({ repeatable: false });
    expect(await failuresOf(name)).toBe(1);
    expect(await read(engine, 'SELECT * FROM guards')).toEqual([]);
  });

  it.each([0, 2])('aborts the whole batch when %i rows were expected and one changed', async (expected) => {
    const engine = await makeEngine([]);
    const [before, changed, after] = [aName(), aName(), aName()];
    await write(engine, { repeatable: false }, INSERT, changed, 1);
    const batch = new Batch(engine);
    batch.add(INSERT, before, 1);
    batch.add(FAIL_MORE, changed);
    batch.expectChanges(expected);
    batch.add(INSERT, after, 1);
    expect(await faultOf(batch.commit({ repeatable: true }))).toBeInstanceOf(UnexpectedChanges);
    expect(await Promise.all([before, changed, after].map(failuresOf))).toEqual([null, 1, null]);
    expect(await read(engine, 'SELECT * FROM guards')).toEqual([]);
  });

  it('refers to the statement right before it', async () => {
    const engine = await makeEngine([]);
    const name = aName();
    const batch = new Batch(engine);
    batch.add(INSERT, name, 1);
    batch.add(FAIL_MORE, aName());
    batch.expectChanges(1);
    expect(await faultOf(batch.commit({ repeatable: false }))).toBeInstanceOf(UnexpectedChanges);
  });
});

describe('a violated constraint', () => {
  it('is named by its column', async () => {
    const engine = await makeEngine([]);
    const name = aName();
    await write(engine, { repeatable: false }, INSERT, name, 1);
    const fault = await faultOf(write(engine, { repeatable: true }, INSERT, name, 1));
    expect(fault).toBeInstanceOf(ConstraintViolated);
    expect(fault).toMatchObject({ constraint: 'circuits.name', cause: expect.any(Error) });
  });

  it('that has a name is named by it', async () => {
    const engine = await makeEngine([]);
    await env.DB.exec('CREATE TABLE limited (n INTEGER CONSTRAINT at_most_three CHECK (n <= 3))');
    const fault = await faultOf(write(engine, { repeatable: true }, 'INSERT INTO limited VALUES (4)'));
    expect(fault).toMatchObject({ name: 'ConstraintViolated', constraint: 'at_most_three' });
  });
});

describe('a fault of our own SQL', () => {
  it.each([
    ['an unknown column', 'SELECT nothing FROM tasks'],
    ['an unknown table', 'SELECT 1 FROM nowhere'],
    ['a syntax error', 'SELEC 1'],
    ['an unknown function', 'SELECT nothing_of_the_kind(1)'],
    ['an ambiguous column', 'SELECT id FROM tasks JOIN leases ON true'],
    ['six terms in a compound SELECT', Array.from({ length: 6 }, () => 'SELECT 1').join(' UNION ALL ')],
    ['a parameter without a value', 'SELECT ?1'],
  ])('such as %s is a SqlFault, and no outage', async (_, sql) => {
    const { db, calls } = failingDb('', 0);
    const engine = await makeEngine([], { db });
    const fault = await faultOf(read(engine, sql));
    expect(fault).toBeInstanceOf(SqlFault);
    expect(fault).not.toBeInstanceOf(EngineError);
    expect(calls.count).toBe(1);
  });

  it('is a constant 500 over HTTP, and shows nothing of the SQL', async () => {
    const db = new Proxy(env.DB, {
      get(target, property) {
        if (property === 'prepare')
          return (sql: string) => target.prepare(sql.replace('FROM tasks', 'FROM planted_secret'));
        return (Reflect.get(target, property) as () => void).bind(target);
      },
    });
    const app = await anApp({}, { db });
    const response = await app.call(`GET /tasks/${crypto.randomUUID()}`);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 500, code: 'internal_error' });
    expect(problem).not.toHaveProperty('detail');
    expect(JSON.stringify([problem, ...response.headers])).not.toContain('planted_secret');
    expect(response.headers.get('retry-after')).toBeNull();
    expect(app.engine.complaints).toMatchObject([
      {
        message: 'request failed',
        fields: { error: { name: 'SqlFault', message: expect.stringContaining('planted_secret') } },
      },
    ]);
  });
});

describe('a passing fault', () => {
  const PASSING = 'D1_ERROR: Network connection lost.';

  it('is followed by another try when the batch is repeatable', async () => {
    const { db, calls } = failingDb(PASSING, 2);
    const engine = await makeEngine([], { db });
    expect(await read(engine, 'SELECT 7 AS n')).toEqual([{ n: 7 }]);
    expect(calls.count).toBe(3);
  });

  it('is store_unavailable after the third try', async () => {
    const { db, calls } = failingDb(PASSING, 9);
    const engine = await makeEngine([], { db });
    expect(await faultOf(read(engine, 'SELECT 7'))).toMatchObject({ name: 'EngineError', code: 'store_unavailable' });
    expect(calls.count).toBe(3);
  });

  it('is store_unavailable at once when the batch is not repeatable', async () => {
    const { db, calls } = failingDb(PASSING, 1);
    const engine = await makeEngine([], { db });
    const fault = await faultOf(write(engine, { repeatable: false }, INSERT, aName(), 1));
    expect(fault).toMatchObject({ code: 'store_unavailable' });
    expect(calls.count).toBe(1);
  });

  it('that is an overload is not followed by another try', async () => {
    const { db, calls } = failingDb('D1_ERROR: D1 DB is overloaded. Requests queued for too long.', 1);
    const engine = await makeEngine([], { db });
    expect(await faultOf(read(engine, 'SELECT 7'))).toMatchObject({ code: 'store_unavailable' });
    expect(calls.count).toBe(1);
  });
});

describe('updates', () => {
  const update: TaskUpdate = {
    taskId: crypto.randomUUID(),
    name: 'test.task',
    queue: 'default',
    state: 'SUCCESS',
    progress: undefined,
    workflowId: undefined,
    at: 0,
  };
  const watchFor = (engine: Engine, seconds: number) =>
    env.DB.prepare("INSERT OR REPLACE INTO watchers (name, until) VALUES ('test', ?)")
      .bind(engine.clock.now() + seconds * 1000)
      .run();

  async function commitWith(engine: Engine) {
    const updates = vi.fn(() => [update]);
    const batch = new Batch(engine);
    batch.add('SELECT 1');
    await batch.commit({ repeatable: true, updates });
    return updates;
  }

  it('are asked for and published while a client watches', async () => {
    const publish = vi.fn(async () => {});
    const engine = await makeEngine([], { publish });
    await watchFor(engine, 60);
    expect(await commitWith(engine)).toHaveBeenCalledOnce();
    await engine.idle();
    expect(publish).toHaveBeenCalledExactlyOnceWith([update]);
  });

  it('are not asked for once no client watches, or where there is no live feed', async () => {
    const publish = vi.fn(async () => {});
    const engine = await makeEngine([], { publish });
    await watchFor(engine, -1);
    expect(await commitWith(engine)).not.toHaveBeenCalled();
    await watchFor(engine, 60);
    expect(await commitWith(await makeEngine([]))).not.toHaveBeenCalled();
    await engine.idle();
    expect(publish).not.toHaveBeenCalled();
  });

  it('are not published when the batch fails', async () => {
    const publish = vi.fn(async () => {});
    const engine = await makeEngine([], { publish });
    await watchFor(engine, 60);
    const batch = new Batch(engine);
    batch.add('SELECT nothing FROM tasks');
    await faultOf(batch.commit({ repeatable: true, updates: () => [update] }));
    await engine.idle();
    expect(publish).not.toHaveBeenCalled();
  });
});
