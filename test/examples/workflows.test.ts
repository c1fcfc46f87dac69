import { expect, it } from 'vitest';
import { addUp, countWords, report, wordReport } from '../../examples/workflows.ts';
import { findTask, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

it('the example of docs/guides/workflows.md runs and results in what the guide says', async () => {
  const engine = await makeEngine([countWords, addUp, report]);
  useEngine(engine);
  const { resultTaskId } = await wordReport('Two poems', ['so much depends', 'upon a red wheel barrow']).enqueue();
  await engine.drain();
  expect((await findTask(engine, resultTaskId)).result).toEqual({ json: '{"line":"Two poems: 8 words"}' });
});
