// The loop of the clean-up: passes, cursors, shares of an invocation, faults.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Chore } from '../../../src/engine/clean-up/chore.ts';
import { runChores } from '../../../src/engine/clean-up/clean-up.ts';
import { beginPass, readCleanUps, savePass } from '../../../src/engine/store/clean-ups.ts';
import { cleanUpAll } from '../../support/clean-up.ts';
import { makeEngine } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM clean_ups').run();
});

/** Deletes one of `count` things per portion. Remembers what it was asked. */
function counting(count: number, everySeconds = 1) {
  const asked: { asOf: number; cursor: string | undefined }[] = [];
  const chore: Chore = {
    everySeconds,
    async next(asOf, cursor) {
      asked.push({ asOf, cursor });
      const at = Number(cursor ?? 0) + 1;
      return at < count ? { deleted: 1, cursor: String(at) } : { deleted: 1 };
    },
  };
  return { asked, chore };
}

const runOf = (signal = new AbortController().signal) => ({
  signal,
  progress() {},
});

describe('the clean-up', () => {
  it('goes on until a pass has ended, over as many invocations as it takes, as of one instant', async () => {
    const engine = await makeEngine([]);
    const { asked, chore } = counting(10);

    const { deleted, invocations } = await cleanUpAll(engine, { things: chore }, { queries: 1000, portions: 3 });

    expect(deleted).toEqual({ things: 10 });
    expect(invocations).toBe(4);
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(new Set(asked.map(({ asOf }) => asOf)).size).toBe(1);
    const doneAsOf = asked[0]!.asOf;
    expect(await readCleanUps(engine)).toEqual([{ chore: 'things', deleted: 10, doneAsOf, cleanAsOf: doneAsOf }]);
  });

  it('stops when the invocation has used up its queries', async () => {
    const engine = await makeEngine([]);
    const { chore } = counting(100);

    const report = await runChores(engine, { things: chore }, runOf(), { queries: 20, portions: 1000 });

    expect(report.done).toBe(false);
    expect(report.deleted.things).toBeGreaterThan(5);
    expect(report.deleted.things).toBeLessThan(20);
  });

  it('begins a pass when the last one is old enough', async () => {
    const engine = await makeEngine([]);
    const { asked, chore } = counting(1, 3600);
    await cleanUpAll(engine, { things: chore });
    engine.advance(3599);
    await cleanUpAll(engine, { things: chore });
    expect(asked).toHaveLength(1);
    engine.advance(2);
    await cleanUpAll(engine, { things: chore });
    expect(asked).toHaveLength(2);
  });

  it('ends a pass that another task began, and then begins its own', async () => {
    const engine = await makeEngine([]);
    const { asked, chore } = counting(3);
    await runChores(engine, { things: chore }, runOf(), { queries: 1000, portions: 1 });
    const before = engine.clock.now();
    engine.advance(3600);

    const { deleted, invocations } = await cleanUpAll(engine, { things: chore });

    expect(invocations).toBe(2);
    expect(asked.map(({ asOf }) => asOf)).toEqual([...Array(3).fill(before), ...Array(3).fill(engine.clock.now())]);
    expect(deleted).toEqual({ things: 3 });
  });

  it('begins with the chore whose last pass is the oldest, so that a slow one does not keep others waiting', async () => {
    const engine = await makeEngine([]);
    const order: string[] = [];
    const named = (name: string): Chore => ({
      everySeconds: 10,
      next: async () => {
        order.push(name);
        return { deleted: 0 };
      },
    });
    await cleanUpAll(engine, { b: named('b') });
    engine.advance(60);
    await cleanUpAll(engine, { a: named('a') });
    engine.advance(60);
    order.length = 0;
    await cleanUpAll(engine, { a: named('a'), b: named('b'), c: named('c') });
    expect(order).toEqual(['c', 'b', 'a']);
  });

  it('goes on with the other chores after a fault, throws it, and begins the failed one where it was', async () => {
    const engine = await makeEngine([]);
    let isBroken = true;
    const { asked, chore } = counting(3);
    const faulty: Chore = {
      everySeconds: 1,
      next: async (asOf, cursor) => {
        if (cursor === '1' && isBroken) throw new Error('R2 is away');
        return chore.next(asOf, cursor);
      },
    };
    const other = counting(2);

    const attempt = () => runChores(engine, { faulty, other: other.chore }, runOf());
    await expect(attempt()).rejects.toThrow('R2 is away');
    expect(other.asked).toHaveLength(2);
    expect(engine.complaints).toMatchObject([{ message: 'chore failed', fields: { chore: 'faulty' } }]);

    isBroken = false;
    expect(await attempt()).toEqual({ deleted: { faulty: 3, other: 2 }, done: true });
    expect(asked.map(({ cursor }) => cursor)).toEqual([undefined, '1', '2']);
  });

  it('stops when its task is revoked', async () => {
    const engine = await makeEngine([]);
    const stop = new AbortController();
    const chore: Chore = {
      everySeconds: 1,
      next: async () => {
        stop.abort(new Error('revoked'));
        return { deleted: 0, cursor: 'x' };
      },
    };
    await expect(runChores(engine, { things: chore }, runOf(stop.signal))).rejects.toThrow('revoked');
  });

  it('does not let an attempt that lost its lease move the cursor of a later pass', async () => {
    const engine = await makeEngine([]);
    const stale = await beginPass(engine, 'things');
    await savePass(engine, 'things', { ...stale, deleted: 5, cursor: null });
    engine.advance(60);
    const pass = await beginPass(engine, 'things');
    await savePass(engine, 'things', { ...stale, cursor: 'z' });
    expect(await beginPass(engine, 'things')).toEqual(pass);
    expect(pass).toEqual({ asOf: engine.clock.now(), cursor: null, deleted: 0 });
  });
});
