// background(async () => …): FastAPI's BackgroundTasks. The function lives in this isolate only, so it cannot be retried or
// taken over by the queue; but it has an id and a status, and a function that does not finish is seen as FAILURE.
import { z } from 'zod';
import { startInBackground } from './background.ts';
import { PermanentFailure } from './control.ts';
import { currentEngine } from './current.ts';
import { defineTask } from './definition.ts';
import type { TaskContext } from './handler.ts';
import type { Receipt } from './receipt.ts';

/** What other isolates run when the one with the function has died. Part of every registry. */
export const backgroundFunction = defineTask({
  name: 'background.function',
  input: () => z.object({ label: z.string() }),
  output: () => z.unknown(),
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
 * a function that has not finished by then is FAILURE `unfinished`. For work that must not be lost, use a task.
 */
export function background(work: (ctx: TaskContext) => unknown, label = 'function'): Promise<Receipt> {
  const handler = { ...backgroundFunction.handler, run: (_input: unknown, ctx: TaskContext) => work(ctx) };
  return startInBackground(currentEngine(), { definition: backgroundFunction, input: { label } }, handler);
}
