// Adds the definition `chaos.steps` to the demo tasks. Load it before src/index.ts, which lists the definitions as it loads.
import { z } from 'zod';
import { type AnyDefinition, defineTask, fixed, PermanentFailure } from '../../../src/engine/index.ts';
import { demoTasks } from '../../../src/tasks/demo.ts';

const STEPS = 10;
/** After these steps a task sleeps, or waits for an event. */
const PAUSES = [3, 7];

const input = z.object({
  /** Of the counting server. */
  url: z.url(),
  label: z.string(),
  sleeps: z.boolean(),
  waits: z.boolean(),
  /** Each step has an undo, and the task fails after the last one. */
  fails: z.boolean(),
});

const chaosSteps = defineTask({
  name: 'chaos.steps',
  input,
  output: z.object({ tickets: z.array(z.int()) }),
  retry: { max: 50, backoff: fixed(1) },
  async run({ url, label, sleeps, waits, fails }, { step }) {
    const runner = crypto.randomUUID();
    const tickets: number[] = [];
    for (let n = 1; n <= STEPS; n++) {
      const about = { label, step: `step ${n}`, runner };
      const undo = (ticket: number, { idempotencyKey: key }: { idempotencyKey: string }) =>
        call(url, { ...about, kind: 'undo', key, tickets: [ticket] });
      const body = ({ idempotencyKey: key }: { idempotencyKey: string }) =>
        call(url, { ...about, kind: 'do', key, tickets });
      tickets.push(await step.do(about.step, body, fails ? { undo } : undefined));
      if (!PAUSES.includes(n)) continue;
      if (sleeps) await step.sleep(`sleep ${n}`, '1 second');
      if (waits)
        await step.waitForEvent(`event ${n}`, { type: 'chaos.paid', key: label, timeout: '1 hour', schema: z.int() });
    }
    if (fails) throw new PermanentFailure('Failed on purpose.', 'on_purpose');
    return { tickets };
  },
});

/** Returns the number of the ticket that the server gives to each call. */
async function call(url: string, body: object): Promise<number> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`The counting server answered with status ${response.status}: ${text}`);
  return Number(text);
}

(demoTasks as AnyDefinition[]).push(chaosSteps);
