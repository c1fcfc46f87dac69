// The heartbeat of an invocation.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { startAttempt } from '../../src/engine/attempt.ts';
import { Lost } from '../../src/engine/ending.ts';
import { startHeart } from '../../src/engine/lease.ts';
import { findTask, revokeTask } from '../../src/engine/manage.ts';
import { Recorder } from '../../src/engine/steps/recorder.ts';
import { claimAndDie, enqueueOne } from '../support/dying.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

/** A task that hangs, its lease, and a heart that beats for it. */
async function aBeatingTask() {
  const engine = await makeEngine([scripted]);
  const id = await enqueueOne(engine, { do: ['hang'] });
  const { leaseId, tasks } = await claimAndDie(engine, [id]);
  const running = startAttempt(engine, tasks[0]!, scripted, new Recorder(engine));
  const held = new Map([[id, running]]);
  return { engine, id, leaseId, running, held, stop: startHeart(engine, leaseId, held) };
}

const untilOf = (leaseId: string) =>
  env.DB.prepare('SELECT until FROM leases WHERE id = ?').bind(leaseId).first<number>('until');

describe('the heartbeat', () => {
  it('renews the lease and writes the progress', async () => {
    const { engine, id, leaseId, running, stop } = await aBeatingTask();
    running.progress = { percent: 40, message: null, current: null, total: null };
    engine.advance(20);
    const expected = engine.clock.now() + engine.settings.leaseSeconds * 1000;
    await vi.waitFor(async () => expect(await untilOf(leaseId)).toBe(expected), 4000);
    expect((await findTask(engine, id)).progress?.percent).toBe(40);
    stop();
    running.abort(new Lost('the test is over'));
  });

  it('aborts a task that is no longer held here', async () => {
    const { engine, id, running, stop } = await aBeatingTask();
    await revokeTask(engine, id);
    expect(await running.ended).toBeUndefined();
    stop();
  });

  it('aborts a task that is past its deadline', async () => {
    const { engine, running, stop } = await aBeatingTask();
    engine.advance(61);
    expect(await running.ended).toMatchObject({ state: 'RETRY', error: { code: 'timeout' } });
    stop();
  });

  it('goes on after a beat that failed', async () => {
    const { engine, leaseId, running, stop } = await aBeatingTask();
    const { db } = engine;
    engine.db = { ...db, prepare: db.prepare.bind(db), batch: () => Promise.reject(new Error('away')) } as never;
    await vi.waitFor(() => expect(engine.complaints).toMatchObject([{ message: 'heartbeat failed' }]), 4000);
    engine.db = db;
    engine.advance(20);
    const expected = engine.clock.now() + engine.settings.leaseSeconds * 1000;
    await vi.waitFor(async () => expect(await untilOf(leaseId)).toBe(expected), 4000);
    stop();
    running.abort(new Lost('the test is over'));
  });

  it('stops when it is told to', async () => {
    const { engine, leaseId, running, stop } = await aBeatingTask();
    stop();
    const before = await untilOf(leaseId);
    engine.advance(20);
    await scheduler.wait(1200);
    expect(await untilOf(leaseId)).toBe(before);
    running.abort(new Lost('the test is over'));
  });
});
