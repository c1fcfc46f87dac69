// Back-pressure: a queue that holds too many messages accepts no more tasks.
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../../src/engine/manage.ts';
import { makeEngine, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const some = (count: number, options = {}) =>
  Array.from({ length: count }, () => ({ definition: scripted, input: {}, options }));

describe('back-pressure', () => {
  it('refuses what comes from outside while the queue is too full, and no longer', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxBacklog = 100;
    let backlogCount = 101;
    const { metrics } = engine.queues.default;
    engine.queues.default.metrics = async () => ({ ...(await metrics()), backlogCount });
    await expect(enqueue(engine, some(1))).rejects.toMatchObject({ code: 'backlog_full' });
    await expect(enqueue(engine, some(1, { queue: 'low' }))).resolves.toHaveLength(1);
    backlogCount = 100;
    await expect(enqueue(engine, some(1))).rejects.toMatchObject({ code: 'backlog_full' }); // as known a moment ago
    engine.advance(6);
    await expect(enqueue(engine, some(1))).resolves.toHaveLength(1);
  });

  it('accepts when the queue does not say how full it is', async () => {
    const engine = await makeEngine([scripted]);
    engine.settings.maxBacklog = 1;
    engine.queues.default.metrics = async () => {
      throw new Error('internal error');
    };
    await expect(enqueue(engine, some(1))).resolves.toHaveLength(1);
  });

  it('does not stop retries: their tasks were accepted before', async () => {
    const engine = await makeEngine([scripted]);
    const [receipt] = await enqueue(engine, [{ definition: scripted, input: { do: ['throw', 'succeed'] } }]);
    engine.settings.maxBacklog = 1;
    const { metrics } = engine.queues.default;
    engine.queues.default.metrics = async () => ({ ...(await metrics()), backlogCount: 100 });
    await engine.drain();
    expect(await statesOf([receipt!.taskId])).toEqual(['SUCCESS']);
    engine.advance(6);
    await expect(enqueue(engine, some(1))).rejects.toMatchObject({ code: 'backlog_full' });
  });
});
