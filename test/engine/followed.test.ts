// The tasks that requests of one isolate follow: who reads D1, how often, and what happens when a follower is gone.
import { describe, expect, it } from 'vitest';
import { latestReading, nextReading, noteEnded } from '../../src/engine/followed.ts';
import { aTask } from '../support/a-task.ts';
import { enqueueOne } from '../support/dying.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';
import { awayDb } from '../support/worker.ts';

const stays = () => false;

const next = (engine: TestEngine, id: string, pauseMs = 20, isOver = stays) =>
  nextReading(engine, id, { after: latestReading(engine), pauseMs, isOver });

async function pendingTasks(count: number) {
  const engine = await makeEngine([scripted]);
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push((await aTask()).id);
  return { engine, ids };
}

describe('followers of one isolate', () => {
  it('share one statement', async () => {
    const { engine, ids } = await pendingTasks(1);

    const seen = await Promise.all(Array.from({ length: 100 }, () => next(engine, ids[0]!)));

    expect(engine.batches).toHaveLength(1);
    expect(seen.map((reading) => reading?.task?.state)).toEqual(Array.from({ length: 100 }, () => 'PENDING'));
    expect(seen.filter((reading) => reading?.own)).toHaveLength(1);
  });

  it('share it also if they follow different tasks', async () => {
    const { engine, ids } = await pendingTasks(50);

    const seen = await Promise.all(ids.map((id) => next(engine, id)));

    expect(engine.batches).toHaveLength(1);
    expect(seen.map((reading) => reading?.task?.id)).toEqual(ids);
  });

  it('do not read again a task whose copy is young', async () => {
    const { engine, ids } = await pendingTasks(2);
    await Promise.all(ids.map((id) => next(engine, id, 1000)));
    engine.advance(0.2);
    engine.batches.splice(0);

    await next(engine, ids[0]!);

    expect(engine.batches.flat().map(({ results }) => results.length)).toEqual([1]);
  });

  it('read no task any more whose followers are gone', async () => {
    const { engine, ids } = await pendingTasks(2);
    await Promise.all(ids.map((id) => next(engine, id)));
    engine.advance(60);
    engine.batches.splice(0);

    await next(engine, ids[0]!);

    expect(engine.batches.flat().map(({ results }) => results.length)).toEqual([1]);
  });

  it('do not wait for a follower whose statement never ends', async () => {
    const { engine, ids } = await pendingTasks(1);
    const { db } = engine;
    engine.db = new Proxy(db, {
      get: (target, property) =>
        property === 'batch' ? () => new Promise(() => {}) : Reflect.get(target, property).bind(target),
    });
    void next(engine, ids[0]!);
    await scheduler.wait(100);
    engine.db = db;
    const other = next(engine, ids[0]!);
    await scheduler.wait(100);
    expect(engine.batches).toEqual([]);

    engine.advance(6);

    expect(await other).toMatchObject({ own: true, task: { state: 'PENDING' } });
  });

  it('read D1 themselves after a follower was refused', async () => {
    const { engine, ids } = await pendingTasks(1);
    const { db } = engine;
    engine.db = awayDb();
    await expect(next(engine, ids[0]!)).rejects.toMatchObject({ code: 'store_unavailable' });
    engine.db = db;

    expect(await next(engine, ids[0]!)).toMatchObject({ own: true, task: { state: 'PENDING' } });
  });

  it('see a reading only if it began after theirs', async () => {
    const { engine, ids } = await pendingTasks(1);
    const first = await next(engine, ids[0]!);
    engine.batches.splice(0);

    const second = await nextReading(engine, ids[0]!, { after: first!.number, pauseMs: 20, isOver: stays });

    expect(second!.number).toBeGreaterThan(first!.number);
    expect(engine.batches).toHaveLength(1);
  });

  it('read a deleted task as undefined', async () => {
    const engine = await makeEngine([]);
    expect(await next(engine, crypto.randomUUID())).toMatchObject({ task: undefined });
  });

  it('end when their client has gone', async () => {
    const { engine, ids } = await pendingTasks(1);
    expect(await next(engine, ids[0]!, 20, () => true)).toBeUndefined();
    expect(engine.batches).toEqual([]);
  });
});

describe('a task that ends in this isolate', () => {
  it('is read with the next look, before the pause is over', async () => {
    const { engine, ids } = await pendingTasks(1);
    let looks = 0;
    const waiting = next(engine, ids[0]!, 800, () => {
      looks++;
      return false;
    });
    noteEnded(engine, ids);

    expect(await waiting).toMatchObject({ own: true });
    expect(looks).toBe(1);
  });

  it('is noted when it is settled', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    let looks = 0;
    const waiting = next(engine, id, 6000, () => {
      looks++;
      return false;
    });
    await engine.deliver();
    const before = looks;

    expect(await waiting).toMatchObject({ own: true, task: { state: 'SUCCESS' } });
    expect(looks).toBeLessThanOrEqual(before + 2);
    // Far fewer than until the end of the pause.
    expect(looks).toBeLessThan(9);
  });
});
