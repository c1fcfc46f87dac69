// Sets of values as parameters: D1 takes 2 MB in one, and local D1 takes more.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSchedule, enqueue, sweep } from '../../../src/engine/manage.ts';
import { jsonSets } from '../../../src/engine/store/json-sets.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'schedules', 'task_keys', 'leases'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

describe('sets', () => {
  it('hold every row once, in order, and say how many they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 20 }), { maxLength: 50 }), (values) => {
        const sets = jsonSets(values.map((value) => JSON.stringify(value)));
        expect(sets.flatMap(({ json }) => JSON.parse(json) as string[])).toEqual(values);
        for (const { json, size } of sets) expect(JSON.parse(json)).toHaveLength(size);
      }),
    );
  });

  it('hold at most 2,000 rows each', () => {
    const sizes = (count: number) => jsonSets(Array.from({ length: count }, () => '1')).map(({ size }) => size);
    expect([sizes(0), sizes(2000), sizes(2001), sizes(4500)]).toEqual([[], [2000], [2000, 1], [2000, 2000, 500]]);
  });

  it('hold at most 600,000 characters each, unless one row alone is longer', () => {
    const row = (length: number) => JSON.stringify('x'.repeat(length - 2));
    expect(jsonSets([row(400_000), row(200_000), row(3)]).map(({ size }) => size)).toEqual([2, 1]);
    expect(jsonSets([row(3), row(700_000), row(3)]).map(({ size }) => size)).toEqual([1, 1, 1]);
  });
});

/** The largest parameter bound, in bytes. */
function spyParameters(engine: TestEngine) {
  const seen = { most: 0, sql: '' };
  const { db } = engine;
  engine.db = new Proxy(db, {
    get(target, property) {
      if (property !== 'prepare') return Reflect.get(target, property);
      return (sql: string) => {
        const statement = target.prepare(sql);
        const bind = statement.bind.bind(statement);
        statement.bind = (...values: unknown[]) => {
          for (const v of values)
            if (typeof v === 'string' && v.length > seen.most) {
              seen.most = v.length;
              seen.sql = sql;
            }
          return bind(...values);
        };
        return statement;
      };
    },
  });
  return seen;
}

describe('parameters stay under 2 MB', () => {
  it('when 10,000 tasks with long idempotency keys are enqueued', async () => {
    const engine = await makeEngine([scripted]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 10_000 }, (_, i) => ({
        definition: scripted,
        input: {},
        options: { idempotencyKey: `${'k'.repeat(240)}${i}` },
      })),
    );
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);

  it('when 10,000 debounced tasks are enqueued', async () => {
    const engine = await makeEngine([scripted]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 10_000 }, (_, i) => ({
        definition: scripted,
        input: { value: 'x'.repeat(100) },
        options: { unique: { key: `${i}`, forSeconds: 60, onConflict: 'replace' as const } },
      })),
    );
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);

  it('when 500 large results are settled', async () => {
    const engine = await makeEngine([scripted]);
    const seen = spyParameters(engine);
    await enqueue(
      engine,
      Array.from({ length: 500 }, () => ({ definition: scripted, input: { value: 'x'.repeat(30_000) } })),
    );
    await engine.deliver();
    expect(seen.most).toBeLessThan(2_000_000);
  }, 60_000);

  it('when 60 schedules catch up with a day', async () => {
    const engine = await makeEngine([scripted]);
    for (let i = 0; i < 60; i++)
      await createSchedule(engine, `a-schedule-number-${i}`, { task: 'test.scripted', every: 60, catchup: 'all' });
    engine.advance(86_400);
    const seen = spyParameters(engine);
    await sweep(engine);
    expect(seen.most).toBeLessThan(2_000_000);
  }, 120_000);
});
