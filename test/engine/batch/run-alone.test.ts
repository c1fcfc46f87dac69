// A batch handler where no batch is: chunks() calls the handler of a definition for one input after the other.
import { expect, it } from 'vitest';
import { chunks } from '../../../src/engine/index.ts';
import { findTask, useEngine } from '../../../src/engine/manage.ts';
import { bulkPush } from '../../support/bulk-push.ts';
import { makeEngine } from '../../support/engine.ts';

it('runs a batch of one for each input of a chunk, with the key and the log of the chunk', async () => {
  const { definition, calls } = bulkPush({}, ({ ctx }) => ctx.log('alone'));
  const engine = await makeEngine([definition]);
  useEngine(engine);
  const { resultTaskId } = await chunks(definition, [{ to: 'a' }, { to: 'b' }], 2).enqueue();
  await engine.drain();
  expect((await findTask(engine, resultTaskId)).result).toEqual({ json: '[[{"to":"a"},{"to":"b"}]]' });
  const keys = calls.map(({ inputs, ctx }) => [inputs.length, ctx.members[0]?.idempotencyKey.slice(36)]);
  expect(keys).toEqual([
    [1, ':0'],
    [1, ':1'],
  ]);
});

it('fails as its one task does', async () => {
  const { definition } = bulkPush();
  const engine = await makeEngine([definition]);
  useEngine(engine);
  const { taskIds } = await chunks(definition, [{ say: ['fail'] }], 2).enqueue();
  await engine.drain();
  expect((await findTask(engine, taskIds[0]!)).error).toMatchObject({ code: 'unregistered' });
});
