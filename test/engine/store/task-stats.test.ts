// Statistics: each minute is counted once, in any order of roll-ups, and no total goes down.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Counts, readSeries, readTotals, sumCounts } from '../../../src/engine/manage.ts';
import { PERIOD_SECONDS, rollUp } from '../../../src/engine/store/task-stats.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const START = 1_800_000_000_000 - (1_800_000_000_000 % HOUR);

beforeEach(async () => {
  const tables = ['task_stats', 'task_totals', 'task_periods', 'failure_stats', 'sweeps'];
  await env.DB.batch(tables.map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

/** One success of 7 ms, and a crash without histograms, `index` minutes after START. */
async function addMinute(index: number, name = 'a.b', histogram: string | null = '[0,1]'): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO task_stats (minute, name, queue, succeeded, crashed, runtime_ms, attempts, first_attempts, runtimes, waits)
     VALUES (?1, ?2, 'low', 1, 1, 7, 2, 1, ?3, ?3)
     ON CONFLICT DO UPDATE SET succeeded = succeeded + 1, crashed = crashed + 1, runtime_ms = runtime_ms + 7,
       attempts = attempts + 2, first_attempts = first_attempts + 1, runtimes = json_array(0, (runtimes ->> 1) + 1)`,
  )
    .bind(START + index * MINUTE, name, histogram)
    .run();
}

async function totalOf(engine: TestEngine, name = 'a.b'): Promise<Counts | undefined> {
  return [...sumCounts(await readTotals(engine)).values()].find((counts) => counts.name === name);
}

describe('the totals', () => {
  it('are the sum of all minutes after any roll-ups: repeated, partial or back in time', async () => {
    const engine = await makeEngine([scripted]);
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.integer({ min: 1, max: 5 }) }),
        fc.record({ rollUpTo: fc.integer({ min: -40, max: 1 }) }),
      ),
      { minLength: 1, maxLength: 12 },
    );
    let run = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        await env.DB.exec('DELETE FROM task_stats');
        await env.DB.exec('DELETE FROM task_totals');
        await env.DB.exec('DELETE FROM task_periods');
        await env.DB.exec('DELETE FROM sweeps');
        const name = `run.${++run}`;
        let minute = 0;
        let added = 0;
        let before = 0;
        for (const step of sequence) {
          if ('add' in step) {
            for (let n = 0; n < step.add; n++, added++) await addMinute(++minute, name);
          } else {
            // Up to the latest minute, or to one that may be rolled up already.
            await rollUp(engine, START + (minute + Math.min(0, step.rollUpTo)) * MINUTE);
          }
          const total = await totalOf(engine, name);
          expect(total?.succeeded ?? 0).toBe(added);
          expect(total?.attempts ?? 0).toBe(2 * added);
          expect(total?.runtimeMs ?? 0).toBe(7 * added);
          expect(total?.runtimes[1] ?? 0).toBe(added);
          expect(total?.succeeded ?? 0).toBeGreaterThanOrEqual(before);
          before = total?.succeeded ?? 0;
          for (const stepSeconds of [60, 180, 3600, 14_400]) {
            const series = await readSeries(engine, { since: START - (START % 14_400_000), stepSeconds });
            expect(series.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBe(added);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are not counted twice when a slow sweep ends behind a later one', async () => {
    const engine = await makeEngine([scripted]);
    for (let minute = 1; minute <= 10; minute++) await addMinute(minute);
    await rollUp(engine, START + 10 * MINUTE);
    await rollUp(engine, START + 5 * MINUTE);
    await rollUp(engine, START + 10 * MINUTE);
    expect((await totalOf(engine))?.succeeded).toBe(10);
  });

  it('are not changed by a roll-up whose batch is rolled back', async () => {
    const engine = await makeEngine([scripted]);
    for (let minute = 1; minute <= 10; minute++) await addMinute(minute);
    await env.DB.exec(
      "CREATE TRIGGER no_mark BEFORE INSERT ON sweeps WHEN new.chore = 'rollup' BEGIN SELECT RAISE(ABORT, 'constraint failed'); END",
    );
    await expect(rollUp(engine, START + 10 * MINUTE)).rejects.toThrow();
    await env.DB.exec('DROP TRIGGER no_mark');
    expect((await totalOf(engine))?.succeeded).toBe(10);
    await rollUp(engine, START + 10 * MINUTE);
    expect((await totalOf(engine))?.succeeded).toBe(10);
  });

  it('take minutes that have no histograms, and buckets that are null', async () => {
    const engine = await makeEngine([scripted]);
    await addMinute(1, 'old.null', null);
    await addMinute(2, 'old.null', '[null, null, 3]');
    await addMinute(3, 'old.null', '[]');
    const before = await totalOf(engine, 'old.null');
    await rollUp(engine, START + 2 * MINUTE);
    const after = await totalOf(engine, 'old.null');
    expect(after).toEqual(before);
    expect(after).toMatchObject({ succeeded: 3, crashed: 3 });
    expect(after?.runtimes.slice(0, 4)).toEqual([0, 0, 3, 0]);
    expect(after?.runtimes.every(Number.isInteger)).toBe(true);
  });

  it('outlive their minutes', async () => {
    const engine = await makeEngine([scripted]);
    await addMinute(1);
    await rollUp(engine, START + MINUTE);
    await env.DB.exec('DELETE FROM task_stats');
    expect((await totalOf(engine))?.succeeded).toBe(1);
  });
});

describe('periods', () => {
  it.each([1, 4])('of %i h and the minutes behind them tell the same series as the minutes alone', async (hours) => {
    const engine = await makeEngine([scripted]);
    for (let minute = 0; minute < 600; minute += 7) await addMinute(minute, minute % 2 ? 'a.b' : 'c.d');
    const since = START - (START % (hours * HOUR));
    const read = async () => {
      const series = await readSeries(engine, { since, stepSeconds: hours * 3600 });
      const sums = sumCounts(series, ({ at, name }) => `${(at - since) / HOUR} ${name}`);
      return [...sums].map(([step, { succeeded, runtimes }]) => [step, succeeded, runtimes[1]]).sort();
    };
    const before = await read();
    for (const mark of [90, 90, 200, 150]) await rollUp(engine, START + mark * MINUTE);
    expect(await read()).toEqual(before);
    expect(before.reduce((sum, [, succeeded]) => sum + Number(succeeded), 0)).toBe(Math.ceil(600 / 7));
    expect(new Set(before.map(([step]) => Number.parseInt(String(step), 10) % hours))).toEqual(new Set([0]));
  });
});

it('a week is read from its periods, and not from the minutes that they sum up', async () => {
  const engine = await makeEngine([scripted]);
  await env.DB.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
     INSERT INTO task_stats (minute, name, queue, succeeded, runtime_ms, attempts, first_attempts, runtimes, waits)
     SELECT ?1 + i * 60000, 'a.b', 'low', 1, 7, 1, 1, '[0,1]', '[0,1]' FROM n`,
  )
    .bind(START)
    .run();
  await rollUp(engine, START + 9990 * MINUTE);
  for (const stepSeconds of PERIOD_SECONDS) {
    engine.batches.splice(0);
    await readSeries(engine, { since: START, stepSeconds });
    const rows = engine.batches.flat().reduce((sum, { meta }) => sum + meta.rows_read, 0);
    expect(rows).toBeLessThan((9990 / (stepSeconds / 60)) * 2 + 50);
  }
});
