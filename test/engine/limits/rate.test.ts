// Rate limits: never more starts in any window than the limit and one, whatever the number of deliveries.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { type Line, parseRate, spacingMs, takeSlots, toleranceMs } from '../../../src/engine/limits/rate.ts';
import { enqueue, sweep } from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';
import { deliverInTime } from '../../support/in-time.ts';

/** A task that writes down when it started, by the engine's clock. */
function limited(rateLimit: string, retries = 0) {
  const starts: number[] = [];
  const clock = { now: () => 0 };
  const definition = defineTask({
    name: 'test.limited',
    input: z.object({ fails: z.boolean().default(false) }),
    output: z.object({}),
    rateLimit,
    retry: { max: retries },
    run({ fails }, { attempt }) {
      starts.push(clock.now());
      if (fails && attempt === 1) throw new Error('once');
      return {};
    },
  });
  return { definition, starts, clock };
}

/** The most starts that any window of this length holds. */
function mostIn(windowMs: number, starts: number[]): number {
  const sorted = [...starts].sort((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; from < sorted.length; from++) {
    while (to < sorted.length && (sorted[to] ?? 0) - (sorted[from] ?? 0) < windowMs) to++;
    most = Math.max(most, to - from);
  }
  return most;
}

async function anEngine({ definition, clock }: ReturnType<typeof limited>): Promise<TestEngine> {
  const engine = await makeEngine([definition]);
  clock.now = engine.clock.now;
  return engine;
}

describe('a rate limit', () => {
  it('of 100/s holds for 10,000 tasks: no window has more than 101, each waits once, no attempt is consumed', async () => {
    const task = limited('100/s');
    const engine = await anEngine(task);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 10_000 }, () => ({ definition: task.definition, input: {} })),
    );
    const from = engine.clock.now();
    await deliverInTime(engine);
    expect(task.starts).toHaveLength(10_000);
    expect(mostIn(1000, task.starts)).toBeLessThanOrEqual(101);
    const seconds = (Math.max(...task.starts) - from) / 1000;
    expect(seconds).toBeLessThan((10_000 / 100) * 1.1);
    const delays = new Map<string, number>();
    for (const id of engine.sent.default.flatMap(({ body }) => body.ids)) delays.set(id, (delays.get(id) ?? 0) + 1);
    expect(Math.max(...delays.values())).toBe(1);
    const last = await rowOf(receipts.at(-1)!.taskId);
    expect(last).toMatchObject({ state: 'SUCCESS', attempt: 1, fence: 1 });
    expect(last.started_at).toBe(task.starts.at(-1));
  }, 120_000);

  it('of 6/m lets one start every ten seconds, retries included', async () => {
    const task = limited('6/m', 3);
    const engine = await anEngine(task);
    await enqueue(
      engine,
      Array.from({ length: 12 }, (_, index) => ({ definition: task.definition, input: { fails: index % 4 === 0 } })),
    );
    await deliverInTime(engine);
    expect(task.starts).toHaveLength(15);
    expect(mostIn(60_000, task.starts)).toBeLessThanOrEqual(7);
  });

  it('holds when the messages are lost and the sweep sends them again', async () => {
    const task = limited('10/s');
    const engine = await anEngine(task);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 50 }, () => ({ definition: task.definition, input: {} })),
    );
    await engine.idle();
    engine.sent.default.splice(0);
    engine.advance(60);
    await sweep(engine);
    await deliverInTime(engine);
    expect(new Set(await statesOf(receipts.map(({ taskId }) => taskId)))).toEqual(new Set(['SUCCESS']));
    expect(mostIn(1000, task.starts)).toBeLessThanOrEqual(11);
  });

  it('holds for messages that come late, twice, and without saying that their tasks are limited', async () => {
    const task = limited('10/s');
    const engine = await anEngine(task);
    const receipts = await enqueue(
      engine,
      Array.from({ length: 40 }, () => ({ definition: task.definition, input: {} })),
    );
    await engine.idle();
    const [message] = engine.sent.default.splice(0);
    const ids = receipts.map(({ taskId }) => taskId);
    engine.sent.default.push({ body: { ids }, delaySeconds: 0 }, message!, message!);
    await deliverInTime(engine);
    expect(task.starts).toHaveLength(40);
    expect(mostIn(1000, task.starts)).toBeLessThanOrEqual(11);
  });

  it('waits while no slots are granted, and loses no task', async () => {
    const task = limited('10/s');
    const engine = await anEngine(task);
    const { reserve, release } = engine.pacer;
    let failures = 2;
    engine.pacer = {
      release,
      reserve: async (...args) => {
        if (failures-- > 0) throw new Error('the object was reset');
        return reserve(...args);
      },
    };
    const [receipt] = await enqueue(engine, [{ definition: task.definition, input: {} }]);
    await deliverInTime(engine);
    expect(await rowOf(receipt!.taskId)).toMatchObject({ state: 'SUCCESS', attempt: 1 });
    expect(engine.complaints.map(({ message }) => message)).toContain('no slots granted; trying again later');
  });

  it('is written as Celery writes it', () => {
    expect(parseRate('100/m')).toEqual({ limit: 100, windowMs: 60_000 });
    expect(parseRate('3/h')).toEqual({ limit: 3, windowMs: 3_600_000 });
    expect(parseRate('5')).toEqual({ limit: 5, windowMs: 1000 });
    for (const bad of ['0/s', '5/d', 'many', '1.5/s', '']) expect(() => parseRate(bad)).toThrow('is not a rate');
  });
});

describe('slots', () => {
  it('that are kept within the tolerance never crowd a window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom('s', 'm', 'h'),
        fc.array(
          fc.tuple(
            fc.integer({ min: 0, max: 5000 }),
            fc.integer({ min: 1, max: 30 }),
            fc.double({ min: 0, max: 1, noNaN: true }),
          ),
          { minLength: 1, maxLength: 30 },
        ),
        (limit, unit, deliveries) => {
          const rate = parseRate(`${limit}/${unit}`);
          const starts: number[] = [];
          const spacing = spacingMs(rate);
          let line: Line = { next: 0, tail: 0, spacing };
          let now = 0;
          for (const [gap, count, late] of deliveries) {
            now += gap;
            const asking = { count, spacing, now, until: now + 1500, returning: gap % 2 !== 0 };
            const taken = takeSlots(line, asking);
            line = taken.line;
            const { granted, first, later } = taken.answer;
            if (granted > 0) expect(first).toBeGreaterThanOrEqual(now);
            expect(later).toBeGreaterThanOrEqual(now);
            for (let index = 0; index < granted; index++)
              starts.push(first + index * spacing + late * toleranceMs(rate));
          }
          expect(mostIn(rate.windowMs, starts)).toBeLessThanOrEqual(limit + 1);
        },
      ),
    );
  });
});

describe('slots of a batch', () => {
  it('are given to all of its tasks or to none, and take as much of the rate as single ones', () => {
    const spacing = 100;
    const asking = { spacing, now: 0, until: 1500, returning: false, together: true };
    const empty: Line = { next: 0, tail: 0, spacing };
    const { line, answer } = takeSlots(empty, { ...asking, count: 50 });
    expect(answer).toMatchObject({ granted: 50, first: 0 });
    expect(line.next).toBe(5000);
    const none = takeSlots(line, { ...asking, count: 50 });
    expect(none.answer).toMatchObject({ granted: 0, later: 5000 });
    expect(none.line).toMatchObject({ next: 5000, tail: 10_000 });
    const back = { ...asking, now: 5000, until: 6500, returning: true };
    expect(takeSlots(none.line, { ...back, count: 50 }).answer).toMatchObject({ granted: 50, first: 5000 });
  });
});
