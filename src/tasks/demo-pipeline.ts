// Tasks for trying graphs out: the sales of one day are extracted, checked, summed up and loaded. They exist only when DEMO_TASKS
// is "on".
import { z } from 'zod';
import { defineTask, PermanentFailure, type Steps, StepTimeout } from '../engine/index.ts';
import { lazy } from '../lazy.ts';

const sale = lazy(() => z.object({ id: z.string(), country: z.string(), cents: z.int() }));
const extracted = lazy(() => z.object({ day: z.iso.date(), sales: z.array(sale()) }));
const checked = lazy(() => z.object({ refunds: z.array(z.string()) }));
const transformed = lazy(() => z.object({ day: z.iso.date(), cents_by_country: z.record(z.string(), z.int()) }));

const COUNTRIES = ['DE', 'FR', 'PL', 'SE'] as const;
/** Each seventh sale is a refund. */
const REFUND_EVERY = 7;

const extract = defineTask({
  name: 'demo.extract',
  input: () => z.object({ day: z.iso.date(), sales: z.int().min(1).max(1000).default(20) }),
  output: extracted,
  run({ day, sales }) {
    const ids = Array.from({ length: sales }, (_, index) => index + 1);
    const made = ids.map((id) => ({
      id: `${day}-${id}`,
      country: COUNTRIES[id % COUNTRIES.length] ?? 'DE',
      cents: id % REFUND_EVERY === 0 ? -500 : 100 * id,
    }));
    return { day, sales: made };
  },
});

const check = defineTask({
  name: 'demo.check',
  input: () => z.object({ extract: extracted() }),
  output: checked,
  run: ({ extract: { sales } }) => ({ refunds: sales.filter(({ cents }) => cents < 0).map(({ id }) => id) }),
});

const transform = defineTask({
  name: 'demo.transform',
  input: () => z.object({ extract: extracted() }),
  output: transformed,
  run({ extract: { day, sales } }) {
    const sums: Record<string, number> = {};
    for (const { country, cents } of sales) sums[country] = (sums[country] ?? 0) + cents;
    return { day, cents_by_country: sums };
  },
});

/** The type of the event that opens the warehouse for a day, its key. */
const OPENED = 'warehouse.opened';

/** Loads into a warehouse that an event opens. The event may come before the task. */
const load = defineTask({
  name: 'demo.load',
  input: () =>
    z.object({
      transform: transformed(),
      check: checked(),
      /** Seconds to wait for the warehouse. */
      timeout: z.number().min(0).max(86_400).default(1),
    }),
  output: () => z.object({ table: z.string(), rows: z.int(), refunds: z.int() }),
  async run({ transform: { day, cents_by_country }, check: { refunds }, timeout }, { step }) {
    await untilOpen(step, day, timeout);
    const rows = Object.keys(cents_by_country).length;
    return step.do('insert', () => ({ table: `sales_${day.replaceAll('-', '_')}`, rows, refunds: refunds.length }));
  },
});

/** Throws PermanentFailure `warehouse_closed`. */
async function untilOpen(step: Steps, day: string, seconds: number): Promise<void> {
  try {
    await step.waitForEvent('warehouse', { type: OPENED, key: day, timeout: seconds * 1000, since: 0 });
  } catch (error) {
    if (!(error instanceof StepTimeout)) throw error;
    const message = `The warehouse is closed for ${day}. Send the event ${OPENED} with the key ${day}, then retry.`;
    throw new PermanentFailure(message, 'warehouse_closed');
  }
}

export const demoPipelineTasks = [extract, check, transform, load];
