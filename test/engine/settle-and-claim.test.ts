// What has ended and what is next, in one transaction.
import { describe, expect, it } from 'vitest';
import { consume, enqueue, findTask } from '../../src/engine/manage.ts';
import { aBatch, makeEngine, statesOf, type TestEngine } from '../support/engine.ts';
import { changeQueue } from '../support/queues.ts';
import { runsOf, scripted } from '../support/scripted.ts';

/** Four tasks in one message, of which two run at once. */
async function aDelivery() {
  const engine = await makeEngine([scripted]);
  changeQueue('default', { concurrency: 2, burst: 2 });
  const requests = Array.from({ length: 4 }, () => ({ definition: scripted, input: {} }));
  const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
  await engine.idle();
  engine.batches.splice(0);
  return { engine, ids, batch: aBatch('default', [{ ids }]) };
}

/** D1 fails in the call that settles the first two and claims the others. */
function disturb(engine: TestEngine, when: 'before' | 'after'): void {
  const { batch } = engine.db;
  let calls = 0;
  engine.db = Object.assign(Object.create(engine.db) as D1Database, {
    prepare: engine.db.prepare.bind(engine.db),
    async batch(statements: D1PreparedStatement[]) {
      const isJoint = ++calls === 2;
      if (isJoint && when === 'before') throw new Error('D1_ERROR: storage is busy');
      const results = await batch.call(engine.db, statements);
      if (isJoint) throw new Error('D1_ERROR: Network connection lost.');
      return results;
    },
  });
}

const crashesOf = async (engine: TestEngine, ids: string[]) =>
  (await Promise.all(ids.map((id) => findTask(engine, id)))).map(({ crashes }) => crashes);

describe('a settling and the next claim', () => {
  it('are one call to D1', async () => {
    const { engine, ids, batch } = await aDelivery();
    await consume(engine, 'default', batch);
    expect(engine.batches).toHaveLength(3);
    expect(await statesOf(ids)).toEqual(Array(4).fill('SUCCESS'));
  });

  it('are both there if only the answer was lost: each task runs once', async () => {
    const { engine, ids, batch } = await aDelivery();
    disturb(engine, 'after');
    await consume(engine, 'default', batch);
    expect(batch.acked).toEqual([0]);
    expect(await statesOf(ids)).toEqual(Array(4).fill('SUCCESS'));
    expect(ids.map((id) => runsOf(id).length)).toEqual([1, 1, 1, 1]);
    expect(await crashesOf(engine, ids)).toEqual([0, 0, 0, 0]);
  });

  it('fail together: the settling is tried again, and the message brings the other tasks again', async () => {
    const { engine, ids, batch } = await aDelivery();
    disturb(engine, 'before');
    await consume(engine, 'default', batch);
    expect(batch.retried).toEqual([0]);
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'PENDING', 'PENDING']);
    await consume(engine, 'default', aBatch('default', [{ ids }]));
    expect(await statesOf(ids)).toEqual(Array(4).fill('SUCCESS'));
    expect(ids.map((id) => runsOf(id).length)).toEqual([1, 1, 1, 1]);
  });
});
