import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createPayloads } from '../../src/files/payloads.ts';

const payloads = createPayloads(env.FILES);

describe('a payload in R2', () => {
  it('is read back as it was stored', async () => {
    await payloads.put('payloads/a', '{"a":"ü"}');

    expect(await payloads.get('payloads/a')).toBe('{"a":"ü"}');
    expect(await new Response(await payloads.open('payloads/a')).json()).toEqual({ a: 'ü' });
  });

  it('that is larger than the caller allows is not read', async () => {
    await payloads.put('payloads/large', 'x'.repeat(100));

    expect(await payloads.get('payloads/large', { maxBytes: 99 })).toBeUndefined();
    expect(await payloads.get('payloads/large', { maxBytes: 100 })).toHaveLength(100);
  });

  it('that does not exist is undefined', async () => {
    expect(await payloads.get('payloads/none')).toBeUndefined();
    expect(await payloads.open('payloads/none')).toBeUndefined();
  });

  it('can be deleted with more others than R2 deletes in one call', async () => {
    const asked: number[] = [];
    const bucket = { delete: async (keys: string[]) => void asked.push(keys.length) } as unknown as R2Bucket;

    await createPayloads(bucket).delete(Array.from({ length: 2001 }, (_, n) => `payloads/${n}`));

    expect(asked).toEqual([1000, 1000, 1]);
  });
});
