// Many schedules that are due at once: all of them fire, on time, whatever one of them does.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { chain } from '../../../src/engine/index.ts';
import { createSchedule, findSchedule, scheduleLateness, sweep } from '../../../src/engine/manage.ts';
import { storeNode } from '../../../src/engine/workflow/stored.ts';
import type { TestEngine } from '../../support/engine.ts';
import { anEngine, clearSchedules, tasks, tick } from '../../support/schedules.ts';

beforeEach(clearSchedules);

describe('many schedules', () => {
  /** Schedules for 09:00 every day, straight into the table, as the API would have made them before. */
  const addDaily = (engine: TestEngine, count: number, input: (index: number) => unknown) =>
    addEntries(engine, count, (index) => ({ task: 'test.tick', input: input(index) }));

  async function addEntries(engine: TestEngine, count: number, what: (index: number) => object): Promise<void> {
    const entry = { ...ENTRY, cron: '0 9 * * *' };
    const nextAt = nineOClock(engine);
    const rows = Array.from({ length: count }, (_, index) => {
      const name = `daily-${String(index).padStart(5, '0')}`;
      return [name, JSON.stringify({ ...entry, ...what(index) }), nextAt];
    });
    const sql = `INSERT INTO schedules (name, source, entry, next_at, created_at)
      SELECT value ->> 0, 'api', value ->> 1, value ->> 2, 0 FROM json_each(?1)`;
    for (let at = 0; at < rows.length; at += 2000)
      await env.DB.prepare(sql)
        .bind(JSON.stringify(rows.slice(at, at + 2000)))
        .run();
  }

  const ENTRY = { timezone: 'UTC', catchup: 'latest', overlap: 'allow', jitterSeconds: 0 };
  const DAY_MS = 86_400_000;
  const nineOClock = (engine: TestEngine) => (Math.floor(engine.clock.now() / DAY_MS) + 1) * DAY_MS + 9 * 3_600_000;
  const moveTo = (engine: TestEngine, at: number) => engine.advance((at - engine.clock.now()) / 1000);

  it('10,000 due at 09:00 fire once each with the first sweep after it', async () => {
    const engine = await anEngine();
    const nine = nineOClock(engine);
    await addDaily(engine, 10_000, (index) => ({ of: String(index) }));
    moveTo(engine, nine - 30_000);
    await sweep(engine);
    expect(await tasks()).toHaveLength(0);
    moveTo(engine, nine + 30_000);
    const { fire } = await sweep(engine);
    expect(fire).toBe(10_000);
    await sweep(engine);
    const fired = (await tasks()).map(({ input }) => (JSON.parse(input) as { of: string }).of);
    expect(fired).toHaveLength(10_000);
    expect(new Set(fired).size).toBe(10_000);
  }, 120_000);

  it('10,000 of workflows due at 09:00 start one each with the first sweep after it', async () => {
    const engine = await anEngine();
    await addEntries(engine, 10_000, (index) => ({
      workflow: { root: storeNode(chain(tick().s({ of: String(index) }), tick().si({ of: 'end' })).node) },
    }));
    moveTo(engine, nineOClock(engine) + 30_000);
    const { fire } = await sweep(engine);
    expect(fire).toBe(10_000);
    await sweep(engine);
    const started = (await tasks()).filter(({ state }) => state === 'PENDING');
    expect(started).toHaveLength(10_000);
    expect(new Set(started.map(({ input }) => input)).size).toBe(10_000);
    const counted = await env.DB.prepare(
      `SELECT count(*) AS workflows, count(DISTINCT name) AS names, (SELECT count(*) FROM edges) AS edges FROM workflows`,
    ).first();
    expect(counted).toEqual({ workflows: 10_000, names: 10_000, edges: 10_000 });
    expect((await findSchedule(engine, 'daily-09999')).lastTaskId).toBeDefined();
  }, 120_000);

  it('of workflows, of which the database refuses one, start all but that one, with their large inputs', async () => {
    const engine = await anEngine();
    const large = 'x'.repeat(40_000);
    await addEntries(engine, 20, (index) => ({
      workflow: { root: storeNode(chain(tick().s({ of: index === 7 ? 'refused' : `${index} ${large}` })).node) },
    }));
    await env.DB.exec(
      `CREATE TRIGGER refuse_one BEFORE INSERT ON tasks WHEN new.input ->> 'of' = 'refused' BEGIN SELECT RAISE(ABORT, 'refused: constraint failed'); END`,
    );
    moveTo(engine, nineOClock(engine) + 30_000);
    expect((await sweep(engine)).fire).toBe(19);
    await env.DB.exec('DROP TRIGGER refuse_one');
    expect((await findSchedule(engine, 'daily-00007')).lastError).toMatch(/refused/);
    await engine.drain();
    expect((await tasks()).map(({ state }) => state)).toEqual(Array(19).fill('SUCCESS'));
  });

  it('of which the input of one fits no more fire all but that one, which says why', async () => {
    const engine = await anEngine();
    await addDaily(engine, 50, (index) => ({ of: index === 17 ? 17 : 'x' }));
    moveTo(engine, nineOClock(engine) + 30_000);
    await sweep(engine);
    expect(await tasks()).toHaveLength(49);
    expect((await findSchedule(engine, 'daily-00017')).lastError).toMatch(/input/);
  });

  it('of which the database refuses one fire all but that one, which says why', async () => {
    const engine = await anEngine();
    await addDaily(engine, 50, (index) => ({ of: index === 17 ? 'refused' : 'x' }));
    await env.DB.exec(
      `CREATE TRIGGER refuse_one BEFORE INSERT ON tasks WHEN new.input ->> 'of' = 'refused' BEGIN SELECT RAISE(ABORT, 'refused: constraint failed'); END`,
    );
    moveTo(engine, nineOClock(engine) + 30_000);
    await sweep(engine);
    await env.DB.exec('DROP TRIGGER refuse_one');
    expect(await tasks()).toHaveLength(49);
    expect((await findSchedule(engine, 'daily-00017')).lastError).toMatch(/refused/);
    expect(engine.complaints.filter(({ message }) => message === 'schedule enqueued nothing')).toHaveLength(1);
  });

  it('that could not fire say how late they are, and count the times they leave out', async () => {
    const engine = await anEngine();
    const { name } = await createSchedule(engine, 'every-minute', { task: 'test.tick', cron: '* * * * *' });
    engine.advance(3600);
    expect(await scheduleLateness(engine)).toBe(3600_000 - 60_000);
    await sweep(engine);
    expect(await tasks()).toHaveLength(1);
    expect((await findSchedule(engine, name)).skipped).toBe(59);
    expect(await scheduleLateness(engine)).toBe(0);
  });
});
