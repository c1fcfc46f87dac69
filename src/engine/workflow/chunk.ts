// canvas.chunk: runs several inputs of one definition in one task, one after the other. chunks() makes such tasks.
import { z } from 'zod';
import { PermanentFailure } from '../control.ts';
import { defineTask } from '../definition.ts';
import { CHUNK } from './node.ts';

/** Inputs between two turns of the event loop, so that the heartbeat can renew the lease. */
const INPUTS_PER_TURN = 50;

export const chunk = defineTask({
  name: CHUNK,
  input: () => z.object({ task: z.string(), inputs: z.array(z.unknown()) }),
  output: () => z.array(z.unknown()),
  timeoutSeconds: 780,
  async run({ task, inputs }, ctx) {
    const definition = ctx.tasks.definition(task);
    if (!definition) throw new PermanentFailure(`no task is named "${task}" in this deployment`, 'unknown_task');
    const results: unknown[] = [];
    for (const [index, input] of inputs.entries()) {
      ctx.signal.throwIfAborted();
      const own = Object.create(ctx, { idempotencyKey: { value: `${ctx.idempotencyKey}:${index}` } }) as typeof ctx;
      results.push(definition.output.parse(await definition.handler.run(definition.input.parse(input), own)));
      ctx.progress((100 * results.length) / inputs.length, undefined, {
        current: results.length,
        total: inputs.length,
      });
      if (results.length % INPUTS_PER_TURN === 0) await scheduler.wait(0);
    }
    return results;
  },
});
