import { expect, it } from 'vitest';
import { callPartner, partner } from '../../examples/limits.ts';
import { enqueue, findTask } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

it('the example of docs/guides/limits.md outlives an outage of the partner', async () => {
  const engine = await makeEngine([callPartner]);
  partner.up = false;
  const receipts = await enqueue(
    engine,
    ['a', 'b', 'a', 'a', 'b', 'a', 'a'].map((tenant) => ({ definition: callPartner, input: { tenant } })),
  );
  for (let second = 0; second < 20; second++) {
    engine.advance(1);
    await engine.deliver();
  }
  partner.up = true;
  await engine.drain(60);
  const tasks = await Promise.all(receipts.map(({ taskId }) => findTask(engine, taskId)));
  expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(['SUCCESS']));
  expect(tasks[1]?.result).toEqual({ json: '{"answer":"hello b"}' });
});
