import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createPacer } from '../../src/live/limiter.ts';

const NOW = 1_800_000_000_000;

describe('the pacer', () => {
  it('hands out slots one after the other, over all callers, and none before now', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    expect(await pacer.reserve(name, 3, 100, NOW)).toBe(NOW);
    expect(await createPacer(env.LIMITER).reserve(name, 1, 100, NOW + 50)).toBe(NOW + 300);
    expect(await pacer.reserve(name, 1, 100, NOW + 5000)).toBe(NOW + 5000);
    expect(await pacer.reserve(crypto.randomUUID(), 1, 100, NOW)).toBe(NOW);
  });

  it('keeps what it promised when its object is evicted, as a deploy does', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    await pacer.reserve(name, 1000, 100, NOW);
    const stub = env.LIMITER.getByName(`task:${name}`);
    expect(await runInDurableObject(stub, (_, state) => state.storage.kv.get('next'))).toBe(NOW + 100_000);
    await runInDurableObject(stub, (_, state) => state.abort('a deploy')).catch(() => {});
    expect(await pacer.reserve(name, 1, 100, NOW)).toBe(NOW + 100_000);
  });
});
