// background(async () => …): FastAPI's BackgroundTasks. The function lives in this isolate only, so it cannot be retried
// or taken over by the queue; but it has an id and a status, and if it does not finish, that is seen.
import { z } from 'zod';
import { startInBackground } from './background.ts';
import { PermanentFailure } from './control.ts';
import { currentEngine } from './engine.ts';
import type { Receipt } from './enqueue.ts';
import { type AnyDefinition, defineTask, type TaskContext } from './task.ts';

/** What other isolates know of such a function: that its code is gone. Registered in every registry. */
export const backgroundFunction: AnyDefinition = defineTask({
  name: 'background.function',
  input: z.object({ label: z.string() }),
  output: z.unknown(),
  retry: { max: 0 },
  run({ label }) {
    throw new PermanentFailure(
      `"${label}" did not finish in the invocation that started it; make it a task to have it run on`,
      'unfinished',
    );
  },
});

/**
 * Runs `work` after the response, with an id and a status. Its result must be JSON. It has the settings' backgroundSeconds;
 * unfinished by then it is FAILURE `unfinished`. What must not be lost belongs into a task.
 */
export function background(work: (ctx: TaskContext) => unknown, label = 'function'): Promise<Receipt> {
  const definition = { ...backgroundFunction, run: (_input: unknown, ctx: TaskContext) => work(ctx) };
  return startInBackground(currentEngine(), { definition, input: { label } }, definition);
}
