// Inputs and results that are too large for a row.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { enqueue, findTask } from '../../src/engine/manage.ts';
import { checkIn, checkOut, exceeds, payloadKeysOf } from '../../src/engine/payloads.ts';
import { cleanUpAll } from '../support/clean-up.ts';
import { makeEngine, rowOf } from '../support/engine.ts';

async function runOnce(definition: Parameters<typeof makeEngine>[0][number], input: object = {}) {
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId };
}

describe('payloads', () => {
  const blob = defineTask({
    name: 'test.blob',
    input: z.object({ data: z.string() }),
    output: z.object({ data: z.string() }),
    run: ({ data }) => ({ data }),
  });

  it('too large for a row go to R2 and come back whole', async () => {
    const data = 'ä'.repeat(100_000);
    const { engine, id } = await runOnce(blob, { data });
    const row = await rowOf(id);
    expect([row.input, row.result]).toEqual([null, null]);
    expect(JSON.parse((await engine.payloads.get(String(row.result_key)))!)).toEqual({ data });
  });

  it('over the limit are refused before anything is written', async () => {
    const engine = await makeEngine([blob]);
    const call = enqueue(engine, [{ definition: blob, input: { data: 'x'.repeat(25_000_001) } }]);
    await expect(call).rejects.toMatchObject({ code: 'input_too_large' });
    const big = defineTask({ name: 'test.big', input: z.json(), output: z.json(), run: () => 'x'.repeat(25_000_001) });
    const { engine: other, id } = await runOnce(big);
    expect((await findTask(other, id)).error?.code).toBe('result_too_large');
  });

  it('are deleted with their task', async () => {
    const { engine, id } = await runOnce(blob, { data: 'x'.repeat(50_000) });
    const { input_key, result_key } = await rowOf(id);
    engine.advance(8 * 86_400);
    await cleanUpAll(engine);
    await expect(rowOf(id)).rejects.toThrow();
    expect(await env.FILES.head(String(input_key))).toBeNull();
    expect(await env.FILES.head(String(result_key))).toBeNull();
  });
});

describe('the size of a text', () => {
  it.each([
    ['abc', 3, false],
    ['abcd', 3, true],
    ['ä', 1, true],
    ['ä', 2, false],
    ['€€', 5, true],
    ['€€', 6, false],
    ['😀', 3, true],
    ['😀', 4, false],
  ])('%s exceeds %i bytes of UTF-8: %s', (text, bytes, expected) => {
    expect(exceeds(text, bytes)).toBe(expected);
  });
});

describe('a payload', () => {
  it('of up to inlineBytes stays in the row, a larger one is kept under a payload key', async () => {
    const engine = await makeEngine([], {});
    engine.settings.inlineBytes = 10;
    const small = await checkIn(engine, 'task', 'input', '"12345678"');
    const large = await checkIn(engine, 'task', 'input', '"123456789"');
    expect([small, large]).toEqual([{ json: '"12345678"' }, { key: 'payloads/task/input.json' }]);
    expect(await checkOut(engine, large)).toBe('"123456789"');
    expect(payloadKeysOf([small, undefined, large])).toEqual(['payloads/task/input.json']);
  });

  it('that the store has lost is an error that names its payload key', async () => {
    const engine = await makeEngine([]);
    await expect(checkOut(engine, { key: 'payloads/none/input.json' })).rejects.toThrow(
      'payload payloads/none/input.json is gone',
    );
  });
});
