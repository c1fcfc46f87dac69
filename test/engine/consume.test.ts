// A delivery: which messages it acknowledges, which come again, and what it starts.
import { describe, expect, it } from 'vitest';
import { handleDelivery, sweep } from '../../src/engine/manage.ts';
import { claimAndDie, enqueueOne } from '../support/dying.ts';
import { aBatch, makeEngine, rowOf, statesOf } from '../support/engine.ts';
import { runsOf, scripted } from '../support/scripted.ts';
import { awayDb } from '../support/worker.ts';

describe('a delivery', () => {
  it('of a queue starts the tasks that its messages name, each once', async () => {
    const engine = await makeEngine([scripted]);
    const ids = [await enqueueOne(engine), await enqueueOne(engine)];
    const batch = aBatch('default', [{ ids }, { ids: [ids[1]] }]);
    await handleDelivery(engine, batch);
    expect(batch.acked).toEqual([0, 1]);
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(ids.flatMap(runsOf)).toHaveLength(2);
  });

  it('runs a task that crashed before alone, also when another message names it with others', async () => {
    const engine = await makeEngine([scripted]);
    const ids = [await enqueueOne(engine), await enqueueOne(engine)];
    await claimAndDie(engine, [ids[0]!]);
    engine.advance(60);
    await sweep(engine);
    await handleDelivery(engine, aBatch('default', [{ ids }]));
    expect(await statesOf(ids)).toEqual(['RETRY', 'SUCCESS']);
    await handleDelivery(engine, aBatch('default', [{ ids }, { ids: [ids[0]], alone: true }]));
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('drops a message that it cannot read, with a log line that names the message', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const batch = aBatch('default', [{ ids: ['no-id'] }, { ids: [id] }]);
    await handleDelivery(engine, batch);
    expect(batch.acked.sort()).toEqual([0, 1]);
    expect(engine.complaints).toMatchObject([{ fields: { queue: 'errand-default', message_id: 'm0' } }]);
  });

  it('comes again when D1 is away, with its readable messages only', async () => {
    const engine = await makeEngine([scripted], { db: awayDb() });
    const batch = aBatch('default', ['unreadable', { ids: [crypto.randomUUID()] }]);
    await expect(handleDelivery(engine, batch)).resolves.toBeUndefined();
    expect([batch.acked, batch.retried]).toEqual([[0], [1]]);
  });
});

describe('a delivery of dead letters', () => {
  it('starts no task, and makes the next sweep look at each', async () => {
    const engine = await makeEngine([scripted]);
    const id = await enqueueOne(engine);
    const batch = aBatch('dead', [{ ids: [id] }, 'unreadable']);
    await handleDelivery(engine, batch);
    expect(batch.acked.sort()).toEqual([0, 1]);
    expect(await rowOf(id)).toMatchObject({ state: 'PENDING', wake_at: engine.clock.now() });
  });

  it('comes again when D1 is away', async () => {
    const engine = await makeEngine([scripted], { db: awayDb() });
    const batch = aBatch('dead', [{ ids: [crypto.randomUUID()] }]);
    await handleDelivery(engine, batch);
    expect([batch.acked, batch.retried]).toEqual([[], [0]]);
  });
});
