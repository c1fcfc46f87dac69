// The claim: one statement that decides which tasks start here.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { enqueue, pauseQueue, resumeQueue } from '../../../src/engine/manage.ts';
import { type Claim, claimTasks, findClaimed } from '../../../src/engine/store/claim-tasks.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const claimOf = (engine: TestEngine, ids: string[], change: Partial<Claim> = {}): Claim => ({
  queue: 'default',
  ids,
  leaseId: crypto.randomUUID(),
  running: [],
  alone: false,
  dueBy: engine.clock.now(),
  now: engine.clock.now(),
  ...change,
});

/** Tasks that are due, in this order. */
async function someTasks(count: number): Promise<string[]> {
  const ids = [];
  for (let n = 0; n < count; n++) ids.push((await aTask({ createdAt: 0 })).id);
  return ids;
}

const claimedIds = async (engine: TestEngine, claim: Claim) => (await claimTasks(engine, claim)).map(({ id }) => id);

describe('a claim', () => {
  it('starts waiting tasks under its lease, with the next fence and attempt', async () => {
    const engine = await makeEngine([scripted]);
    const [id] = await someTasks(1);
    const claim = claimOf(engine, [id!]);
    const now = engine.clock.now();
    expect(await claimTasks(engine, claim)).toMatchObject([{ id, fence: 1, attempt: 1, startedAt: now, dueAt: 0 }]);
    const row = { state: 'STARTED', fence: 1, attempt: 1, lease_id: claim.leaseId, started_at: now };
    expect(await rowOf(id!)).toMatchObject(row);
  });

  it('names its tasks, and those that ran before, in the lease', async () => {
    const engine = await makeEngine([scripted]);
    const [one, two] = await someTasks(2);
    const claim = claimOf(engine, [one!]);
    await claimTasks(engine, claim);
    await claimTasks(engine, { ...claim, ids: [two!], running: [one!] });
    const lease = await env.DB.prepare('SELECT * FROM leases WHERE id = ?').bind(claim.leaseId).first();
    const until = engine.clock.now() + engine.settings.leaseSeconds * 1000;
    expect(lease).toMatchObject({ queue: 'default', task_ids: JSON.stringify([one, two]), until });
  });

  it.each(['STARTED', 'SUCCESS', 'FAILURE', 'REVOKED'] as const)('takes no task that is %s', async (state) => {
    const engine = await makeEngine([scripted]);
    const { id } = await aTask({ state, createdAt: 1 });
    expect(await claimTasks(engine, claimOf(engine, [id]))).toEqual([]);
    expect(await statesOf([id])).toEqual([state]);
  });

  it('takes no task that is not due, unless the claim looks ahead', async () => {
    const engine = await makeEngine([scripted]);
    const { id } = await aTask({ createdAt: engine.clock.now() + 1000 });
    expect(await claimedIds(engine, claimOf(engine, [id]))).toEqual([]);
    expect(await claimedIds(engine, claimOf(engine, [id], { dueBy: engine.clock.now() + 1000 }))).toEqual([id]);
  });

  it('takes no task of a paused queue, whatever queue brought its message', async () => {
    const engine = await makeEngine([scripted]);
    const { id } = await aTask({ queue: 'low', createdAt: 0 });
    await pauseQueue(engine, 'low');
    expect(await claimedIds(engine, claimOf(engine, [id]))).toEqual([]);
    await resumeQueue(engine, 'low');
    expect(await claimedIds(engine, claimOf(engine, [id]))).toEqual([id]);
  });

  it('takes a task that crashed before only when it claims that alone', async () => {
    const engine = await makeEngine([scripted]);
    const [id] = await someTasks(1);
    await env.DB.prepare('UPDATE tasks SET crashes = 1 WHERE id = ?').bind(id!).run();
    expect(await claimedIds(engine, claimOf(engine, [id!]))).toEqual([]);
    expect(await claimedIds(engine, claimOf(engine, [id!], { alone: true }))).toEqual([id]);
  });

  it('of the same tasks by two invocations gives each task to one of them', async () => {
    const engine = await makeEngine([scripted]);
    const ids = await someTasks(10);
    const both = await Promise.all([
      claimedIds(engine, claimOf(engine, ids)),
      claimedIds(engine, claimOf(engine, ids)),
    ]);
    expect(both.flat().sort()).toEqual([...ids].sort());
  });

  it('whose answer was lost is looked up: it finds what this lease took, and nothing else', async () => {
    const engine = await makeEngine([scripted]);
    const [mine, others, waiting] = await someTasks(3);
    const claim = claimOf(engine, [mine!]);
    await claimTasks(engine, claim);
    await claimTasks(engine, claimOf(engine, [others!]));
    const found = await findClaimed(engine, { ...claim, ids: [mine!, others!, waiting!] });
    expect(found).toMatchObject([{ id: mine, fence: 1 }]);
  });
});

describe('a claim with places', () => {
  const keyed = defineTask({
    name: 'test.keyed',
    input: z.object({ tenant: z.string() }),
    output: z.object({}),
    concurrency: { limit: 2, key: ({ tenant }) => tenant },
    run: () => ({}),
  });

  it('takes as many tasks of each concurrency key as have a place, the first ones first', async () => {
    const engine = await makeEngine([keyed]);
    const tenants = ['a', 'a', 'a', 'b'].map((letter) => `${letter}-${engine.clock.now()}`);
    const receipts = await enqueue(
      engine,
      tenants.map((tenant) => ({ definition: keyed, input: { tenant } })),
    );
    const ids = receipts.map(({ taskId }) => taskId);
    const limited = { places: 2, slots: new Map(ids.map((id, index) => [id, index])) };
    const claimed = await claimTasks(engine, claimOf(engine, ids, { limited }));
    expect(claimed.map(({ id }) => id).sort()).toEqual([ids[0], ids[1], ids[3]].sort());
    expect(claimed.every(({ admitted }) => admitted)).toBe(true);
    expect(claimed.find(({ id }) => id === ids[3])?.slot).toBe(3);
    expect(await claimTasks(engine, claimOf(engine, [ids[2]!], { limited }))).toEqual([]);
  });
});
