import { expect, it } from 'vitest';
import { z } from 'zod';
import { unaskedIn } from '../../src/dashboard/unasked-steps.ts';
import { defineTask } from '../../src/engine/index.ts';
import { enqueueOne, listAttempts } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

const changing = defineTask({
  name: 'test.changing',
  input: z.object({}),
  output: z.object({}),
  async run(_, { attempt, step }) {
    await step.do('kept', () => 1);
    if (attempt > 1) return {};
    await step.do('dropped', () => 2);
    throw new Error('once more');
  },
});

it('finds the warning of an attempt that did not ask for a recorded step', async () => {
  const engine = await makeEngine([changing]);
  const { taskId } = await enqueueOne(engine, { definition: changing, input: {} });
  await engine.drain(10);

  const attempts = (await listAttempts(engine, taskId)).map(({ logs, finishedAt }) => ({
    logs,
    finished_at: finishedAt === undefined ? null : String(finishedAt),
  }));
  expect(attempts).toHaveLength(2);
  expect(unaskedIn(attempts)).toEqual([expect.stringMatching(/^The attempt ended without asking for .*"dropped"$/)]);
  expect(unaskedIn(attempts.slice(0, 1))).toEqual([]);
  const running = { logs: [], finished_at: null };
  expect(unaskedIn([...attempts, running])).toHaveLength(1);
});
