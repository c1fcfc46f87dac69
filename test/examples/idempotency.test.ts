import { expect, it } from 'vitest';
import { indexDocument, rebuildSite } from '../../examples/idempotency.ts';
import { findTask, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

it('the example of docs/guides/idempotency.md does once what is wanted often', async () => {
  const engine = await makeEngine([rebuildSite, indexDocument]);
  useEngine(engine);
  const first = await rebuildSite.delay({ site: 'blog', reason: 'an edit' });
  expect(await rebuildSite.delay({ site: 'blog', reason: 'another' })).toMatchObject({
    taskId: first.taskId,
    duplicate: true,
  });
  const draft = await indexDocument.enqueue({ id: '7', text: 'a draft' }, { countdown: 5 });
  await indexDocument.enqueue({ id: '7', text: 'all of the text' }, { countdown: 5 });
  await engine.drain();
  expect((await findTask(engine, first.taskId)).result).toEqual({ json: '{"reason":"an edit"}' });
  expect((await findTask(engine, draft.taskId)).result).toEqual({ json: '{"words":4}' });
  expect((await rebuildSite.delay({ site: 'blog', reason: 'a third' })).duplicate).toBe(false);
});
