// Tasks for trying the engine out. They exist only when DEMO_TASKS is "on".
import { z } from 'zod';
import { defineTask, fixed, PermanentFailure } from '../engine/index.ts';

const echo = defineTask({
  name: 'demo.echo',
  input: () => z.object({ value: z.json() }),
  output: () => z.object({ value: z.json() }),
  run: ({ value }) => ({ value }),
});

const add = defineTask({
  name: 'demo.add',
  input: () => z.object({ a: z.number(), b: z.number() }),
  output: () => z.object({ sum: z.number() }),
  run: ({ a, b }) => ({ sum: a + b }),
});

const sleep = defineTask({
  name: 'demo.sleep',
  input: () => z.object({ seconds: z.number().min(0).max(600), steps: z.int().min(1).max(1000).default(10) }),
  output: () => z.object({ slept: z.number() }),
  timeoutSeconds: 660,
  async run({ seconds, steps }, ctx) {
    for (let step = 1; step <= steps; step++) {
      await scheduler.wait((seconds * 1000) / steps, { signal: ctx.signal });
      ctx.progress((100 * step) / steps, `step ${step} of ${steps}`, { current: step, total: steps });
    }
    return { slept: seconds };
  },
});

const flaky = defineTask({
  name: 'demo.flaky',
  input: () => z.object({ failures: z.int().min(0).max(100) }),
  output: () => z.object({ attempts: z.int() }),
  retry: { backoff: fixed(1) },
  run({ failures }, { attempt }) {
    if (attempt <= failures)
      throw new Error(`This attempt is failing on purpose: attempt ${attempt} of ${failures} that fail.`);
    return { attempts: attempt };
  },
});

const fail = defineTask({
  name: 'demo.fail',
  input: () => z.object({ message: z.string().max(1000), permanent: z.boolean().default(false) }),
  output: () => z.never(),
  retry: { backoff: fixed(1) },
  run({ message, permanent }) {
    throw permanent ? new PermanentFailure(message) : new Error(message);
  },
});

const log = defineTask({
  name: 'demo.log',
  input: () => z.object({ lines: z.int().min(0).max(1000) }),
  output: () => z.object({ lines: z.int() }),
  run({ lines }, ctx) {
    for (let line = 1; line <= lines; line++) ctx.log(`line ${line}`, { line });
    return { lines };
  },
});

const big = defineTask({
  name: 'demo.big',
  input: () => z.object({ bytes: z.int().min(0).max(30_000_000) }),
  output: () => z.object({ data: z.string() }),
  run: ({ bytes }) => ({ data: 'x'.repeat(bytes) }),
});

const limited = defineTask({
  name: 'demo.limited',
  input: () => z.object({ value: z.json() }),
  output: () => z.object({ value: z.json() }),
  rateLimit: '20/s',
  run: ({ value }) => ({ value }),
});

const twoAtOnce = defineTask({
  name: 'demo.two_at_once',
  input: () => z.object({ key: z.string().min(1).max(100), seconds: z.number().min(0).max(600) }),
  output: () => z.object({ slept: z.number() }),
  timeoutSeconds: 660,
  concurrency: { limit: 2, key: ({ key }) => key },
  async run({ seconds }, { signal }) {
    await scheduler.wait(seconds * 1000, { signal });
    return { slept: seconds };
  },
});

export const demoTasks = [echo, add, sleep, flaky, fail, log, big, limited, twoAtOnce];
