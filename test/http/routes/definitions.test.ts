import { expect, it } from 'vitest';
import { anAdminKey, call, reply } from '../../support/worker.ts';

it('lists what can be enqueued, with the schema of the input as a caller writes it', async () => {
  const key = await anAdminKey();
  type Listed = { name: string; batch: unknown; input_schema: Record<string, unknown> };
  const { items } = await reply<{ items: Listed[] }>(200, call('GET /definitions', { key }));
  const sleep = items.find(({ name }) => name === 'demo.sleep');

  expect(items.map(({ name }) => name)).toEqual([...items.map(({ name }) => name)].sort());
  expect(items.map(({ name }) => name)).toContain('email.send');
  expect(items.map(({ name }) => name)).not.toContain('canvas.gather');
  expect(sleep).toMatchObject({
    queue: 'default',
    max_retries: 3,
    timeout_seconds: 660,
    unique: null,
    rate_limit: null,
    batch: null,
    // `steps` has a default, so a caller may leave it out.
    input_schema: { type: 'object', required: ['seconds'], properties: { seconds: { type: 'number', maximum: 600 } } },
  });
  expect(items.find(({ name }) => name === 'demo.push')?.batch).toEqual({ size: 100, wait_ms: 2000 });
});
