// Calls the API of a partner. The API accepts 600 calls a minute, three at a time for each tenant, and sometimes fails.
// docs/guides/limits.md explains it; test/examples/limits.test.ts runs it.
import { z } from 'zod';
import { defineTask, fixed } from '../src/engine/index.ts';

/** Imitates the partner. While `up` is false, it does not answer. */
export const partner = {
  up: true,
  async call(tenant: string): Promise<string> {
    if (!this.up) throw new Error('the partner does not answer');
    return `hello ${tenant}`;
  },
};

export const callPartner = defineTask({
  name: 'example.call_partner',
  input: z.object({ tenant: z.string() }),
  output: z.object({ answer: z.string() }),
  rateLimit: '600/m',
  concurrency: { limit: 3, key: ({ tenant }) => tenant },
  retry: { max: 5, backoff: fixed(1) },
  run: async ({ tenant }, ctx) => ({ answer: await ctx.circuit('partner', () => partner.call(tenant)) }),
});
