// Tasks for trying steps out. They exist only when DEMO_TASKS is "on".
import { z } from 'zod';
import { defineTask, fixed, PermanentFailure } from '../engine/index.ts';
import { lazy } from '../lazy.ts';

const names = lazy(() => z.array(z.string().min(1).max(256)).min(1).max(1000));
const seconds = lazy(() => z.number().min(0).max(315_360_000));

const steps = defineTask({
  name: 'demo.steps',
  input: () =>
    z.object({
      names: names(),
      /** The name of a step that fails in the first `failures` attempts. */
      fail_in: z.string().optional(),
      failures: z.int().min(0).max(100).default(1),
      /** Seconds to sleep between two steps. */
      sleep: seconds().optional(),
    }),
  output: () => z.object({ steps: z.array(z.object({ name: z.string(), attempt: z.int() })) }),
  retry: { backoff: fixed(1) },
  async run({ names, fail_in, failures, sleep }, { attempt, step }) {
    const ran: { name: string; attempt: number }[] = [];
    for (const [index, name] of names.entries()) {
      if (sleep !== undefined && index > 0) await step.sleep(`before ${name}`, sleep * 1000);
      const inAttempt = await step.do(name, () => {
        if (name === fail_in && attempt <= failures)
          throw new Error(`The step ${name} is failing on purpose: attempt ${attempt} of ${failures} that fail.`);
        return attempt;
      });
      ran.push({ name, attempt: inAttempt });
    }
    return { steps: ran };
  },
});

const wait = defineTask({
  name: 'demo.wait',
  input: () =>
    z.object({
      type: z.string().min(1).max(256),
      key: z.string().max(256).optional(),
      timeout: seconds().optional(),
    }),
  output: () => z.object({ payload: z.json() }),
  async run({ type, key, timeout }, { step }) {
    const { payload } = await step.waitForEvent('event', {
      ...{ type, schema: z.json() },
      ...(key !== undefined && { key }),
      ...(timeout !== undefined && { timeout: timeout * 1000 }),
    });
    return { payload };
  },
});

const approval = defineTask({
  name: 'demo.approval',
  input: () => z.object({ title: z.string().min(1).max(200), timeout: seconds().optional() }),
  output: () => z.object({ approved: z.boolean(), by: z.string(), note: z.string().nullable() }),
  async run({ title, timeout }, { log, step }) {
    const asked = await step.approval('approval', { title, ...(timeout !== undefined && { timeout: timeout * 1000 }) });
    await step.do('send the link', () =>
      log('a real task sends the link by mail', { has_link: asked.link !== undefined }),
    );
    const { approved, by, note = null } = await asked.decision();
    return { approved, by, note };
  },
});

const undo = defineTask({
  name: 'demo.undo',
  input: () => z.object({ names: names(), fail_in: z.string() }),
  output: () => z.object({ done: z.array(z.string()) }),
  async run({ names, fail_in }, { log, step }) {
    for (const name of names) {
      const body = () => {
        if (name === fail_in) throw new PermanentFailure(`The step ${name} is failing on purpose.`);
        return name;
      };
      await step.do(name, body, { undo: (result) => log(`undid ${result}`) });
    }
    return { done: names };
  },
});

/** An order: what is reserved and charged is undone when a person rejects it. */
const checkout = defineTask({
  name: 'demo.checkout',
  input: () => z.object({ order: z.string().min(1).max(100), total: z.number().min(0) }),
  output: () => z.object({ order: z.string(), shipment: z.string(), approved_by: z.string() }),
  async run({ order, total }, { log, step }) {
    await step.do('reserve', () => `goods of ${order}`, { undo: (goods) => log(`released the ${goods}`) });
    await step.do('charge', ({ idempotencyKey }) => ({ total, charge: idempotencyKey }), {
      undo: (paid) => log(`refunded ${paid.total}, the charge ${paid.charge}`),
    });
    const asked = await step.approval('approve', { title: `Ship order ${order}?`, details: { order, total } });
    const { approved, by } = await asked.decision();
    if (!approved) throw new PermanentFailure(`The order ${order} was rejected by ${by}.`, 'rejected');
    const shipment = await step.do('ship', () => `shipment of ${order}`);
    return { order, shipment, approved_by: by };
  },
});

export const demoStepTasks = [steps, wait, approval, undo, checkout];
