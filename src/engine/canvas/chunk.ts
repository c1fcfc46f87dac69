// canvas.chunk: several inputs of one definition in one task, one after the other. What chunks() is made of.
import { z } from 'zod';
import { PermanentFailure } from '../control.ts';
import { currentEngine } from '../engine.ts';
import { defineTask } from '../task.ts';
import { CHUNK } from './node.ts';

/** How many inputs pass between two looks at the event loop, so that the lease can be renewed. */
const BREATH = 50;

export const chunk = defineTask({
  name: CHUNK,
  input: z.object({ task: z.string(), inputs: z.array(z.unknown()) }),
  output: z.array(z.unknown()),
  timeoutSeconds: 780,
  async run({ task, inputs }, ctx) {
    const definition = currentEngine().registry.get(task);
    if (!definition) throw new PermanentFailure(`no task is named "${task}" in this deployment`, 'unknown_task');
    const results: unknown[] = [];
    for (const [index, input] of inputs.entries()) {
      ctx.signal.throwIfAborted();
      const own = Object.create(ctx, { idempotencyKey: { value: `${ctx.idempotencyKey}:${index}` } }) as typeof ctx;
      results.push(definition.output.parse(await definition.run(definition.input.parse(input), own)));
      ctx.progress((100 * results.length) / inputs.length, undefined, {
        current: results.length,
        total: inputs.length,
      });
      if (results.length % BREATH === 0) await scheduler.wait(0);
    }
    return results;
  },
});
