// A declaration is enough to accept tasks: the handler may be elsewhere.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { accept } from '../../src/engine/accept.ts';
import { type Declaration, hasLimits } from '../../src/engine/declaration.ts';
import { defineTask } from '../../src/engine/index.ts';
import { findTask } from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';

const declared: Declaration = {
  name: 'test.elsewhere',
  input: z.object({ site: z.string() }),
  output: z.object({ pages: z.int() }),
  queue: 'low',
  start: 'queue',
  maxRetries: 7,
  timeoutSeconds: 60,
  deadlineSeconds: undefined,
  unique: undefined,
  rateLimit: undefined,
  concurrency: { limit: 2, key: (input) => (input as { site: string }).site },
  on: [],
  batch: undefined,
  schedules: {},
};

describe('a declaration without a handler', () => {
  it('is enough to accept a task with everything that the declaration says', async () => {
    const engine = await makeEngine([]);
    const [receipt] = await accept(engine, [{ definition: declared, input: { site: 'a' } }]);
    expect(await rowOf(receipt!.taskId)).toMatchObject({
      name: 'test.elsewhere',
      queue: 'low',
      max_retries: 7,
      concurrency_key: 'test.elsewhere:a',
    });
  });

  it('checks the input', async () => {
    const engine = await makeEngine([]);
    const refused = accept(engine, [{ definition: declared, input: { site: 7 } }]);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input', issues: [{ path: 'input.site' }] });
  });

  it('leaves the task to a deployment that has the handler', async () => {
    const here = await makeEngine([]);
    const [receipt] = await accept(here, [{ definition: declared, input: { site: 'b' } }]);
    const run = ({ site }: { site: string }) => ({ pages: site.length });
    const { input, output } = { input: z.object({ site: z.string() }), output: z.object({ pages: z.int() }) };
    const there = await makeEngine([defineTask({ name: declared.name, input, output, run })]);
    there.sent.low.push({ body: { ids: [receipt!.taskId] }, delaySeconds: 0 });
    await there.deliver();
    expect((await findTask(there, receipt!.taskId)).result).toEqual({ json: '{"pages":1}' });
  });
});

describe('a declaration has limits', () => {
  it('when it has a rate limit or a concurrency limit', () => {
    expect(hasLimits(declared)).toBe(true);
    expect(hasLimits({ ...declared, concurrency: undefined, rateLimit: { limit: 1, windowMs: 1000 } })).toBe(true);
    expect(hasLimits({ ...declared, concurrency: undefined })).toBe(false);
    expect(hasLimits(undefined)).toBe(false);
  });
});
