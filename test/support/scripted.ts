// A task for tests that does what its input says.
import { z } from 'zod';
import { defineTask, fixed, PermanentFailure, type TaskContext } from '../../src/engine/index.ts';

const Step = z.enum(['succeed', 'throw', 'fail', 'retry', 'snooze', 'hang', 'ignore']);
type Step = z.infer<typeof Step>;

/** Every run so far, in order, with the task's id and the attempt. */
export const runs: { id: string; attempt: number; context: TaskContext }[] = [];

/** The n-th run of a task does the n-th step of `do`; further runs repeat the last step. Snoozed runs count too. */
export const scripted = defineTask({
  name: 'test.scripted',
  input: z.object({ do: z.array(Step).min(1).default(['succeed']), value: z.json().optional() }),
  output: z.object({ attempt: z.int(), value: z.json().optional() }),
  retry: { backoff: fixed(5) },
  timeoutSeconds: 60,
  async run({ do: steps, value }, ctx) {
    const earlier = runs.filter(({ id }) => id === ctx.id).length;
    runs.push({ id: ctx.id, attempt: ctx.attempt, context: ctx });
    const step: Step = steps[Math.min(earlier, steps.length - 1)] ?? 'succeed';
    if (step === 'throw') throw new TypeError('thrown on purpose');
    if (step === 'fail') throw new PermanentFailure('failed on purpose', 'on_purpose');
    if (step === 'retry') ctx.retry({ in: 7 });
    if (step === 'snooze') ctx.snooze({ for: 11 });
    if (step === 'hang')
      await new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
    if (step === 'ignore') await new Promise(() => {});
    return { attempt: ctx.attempt, ...(value !== undefined && { value }) };
  },
});

export function runsOf(id: string) {
  return runs.filter((run) => run.id === id);
}
