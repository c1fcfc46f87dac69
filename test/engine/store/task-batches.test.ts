import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { enqueue, listTasks } from '../../../src/engine/manage.ts';
import { cleanUpAll } from '../../support/clean-up.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const DAY_SECONDS = 86_400;
const rowsOf = async (id: string) =>
  (await env.DB.prepare('SELECT * FROM task_batches WHERE id = ?').bind(id).all()).results.length;
const request = { definition: scripted, input: {} };

async function aBatchOf(engine: TestEngine, requests: (typeof request)[]) {
  const batchId = uuidv7({ msecs: engine.clock.now() });
  const receipts = await enqueue(engine, requests, { batchId });
  return { batchId, ids: receipts.map(({ taskId }) => taskId) };
}

describe('a batch', () => {
  it('is one row for up to 2,000 tasks', async () => {
    const engine = await makeEngine([scripted]);
    const { batchId } = await aBatchOf(engine, Array(2001).fill(request));

    expect(await rowsOf(batchId)).toBe(2);
  });

  it('fills its pages also when some of its tasks were pruned', async () => {
    const engine = await makeEngine([scripted]);
    const { batchId, ids } = await aBatchOf(engine, Array(6).fill(request));
    const [first, , third, fourth] = ids;
    await env.DB.prepare('DELETE FROM tasks WHERE id IN (?, ?)').bind(ids[4], ids[5]).run();

    const page = await listTasks(engine, { batchId }, { limit: 2, before: undefined });

    expect(page.map(({ id }) => id)).toEqual([fourth, third]);
    const next = await listTasks(engine, { batchId, state: 'PENDING' }, { limit: 9, before: third });
    expect(next.map(({ id }) => id)).toEqual([ids[1], first]);
  });

  it('is deleted when it is older than the longest retention and no task of it is left', async () => {
    const engine = await makeEngine([scripted]);
    const gone = await aBatchOf(engine, [request]);
    const kept = await aBatchOf(engine, [request]);
    await env.DB.prepare('DELETE FROM tasks WHERE id = ?').bind(gone.ids[0]).run();

    await cleanUpAll(engine);
    expect(await rowsOf(gone.batchId)).toBe(1);

    engine.advance(Math.max(...Object.values(engine.settings.retentionSeconds)) + DAY_SECONDS);
    await cleanUpAll(engine);
    expect(await rowsOf(gone.batchId)).toBe(0);
    expect(await rowsOf(kept.batchId)).toBe(1);
  });
});
