import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, defineTask } from '../../src/engine/index.ts';
import { enqueueOne, enqueueWorkflow, findKeyHolder } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

const echo = defineTask({
  name: 'test.held',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
});
const engine = await makeEngine([echo]);

describe('the holder of an idempotency key', () => {
  it('is the task that was enqueued with it, with its input, however large', async () => {
    for (const text of ['short', 'x'.repeat(200_000)]) {
      const idempotencyKey = crypto.randomUUID();
      const { taskId } = await enqueueOne(engine, { definition: echo, input: { text }, options: { idempotencyKey } });

      expect(await findKeyHolder(engine, idempotencyKey)).toEqual({ taskId, input: { text } });
    }
  });

  it('is the result task of a workflow', async () => {
    const idempotencyKey = crypto.randomUUID();
    const { node } = chain(echo.si({ text: 'first' }), echo.si({ text: 'last' }));
    const { resultTaskId } = await enqueueWorkflow(engine, node, { idempotencyKey });

    expect(await findKeyHolder(engine, idempotencyKey)).toEqual({ taskId: resultTaskId, input: { text: 'last' } });
  });

  it('is nothing for an unknown key, and for one whose task is gone', async () => {
    const idempotencyKey = crypto.randomUUID();
    expect(await findKeyHolder(engine, idempotencyKey)).toBeUndefined();

    const request = { definition: echo, input: { text: 'gone' }, options: { idempotencyKey } };
    const { taskId } = await enqueueOne(engine, request);
    await env.DB.prepare('DELETE FROM tasks WHERE id = ?').bind(taskId).run();
    expect(await findKeyHolder(engine, idempotencyKey)).toBeUndefined();
  });
});
