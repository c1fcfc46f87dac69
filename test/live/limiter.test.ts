import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createLive } from '../../src/live/index.ts';
import { createPacer, type Limiter } from '../../src/live/limiter.ts';

const NOW = 1_800_000_000_000;
const asking = (count: number, now = NOW, returning = false) => ({
  count,
  spacing: 100,
  now,
  until: now + 1500,
  returning,
});

describe('the pacer', () => {
  it('gives slots one after the other to all callers, and none in the past', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    expect(await pacer.reserve(name, asking(3))).toMatchObject({ granted: 3, first: NOW });
    const next = await createPacer(env.LIMITER).reserve(name, asking(1, NOW + 50));
    expect(next).toMatchObject({ granted: 1, first: NOW + 300 });
    expect(await pacer.reserve(crypto.randomUUID(), asking(1))).toMatchObject({ first: NOW });
  });

  it('gives only slots that are near; a task that returns goes before a new one', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    expect(await pacer.reserve(name, asking(100))).toEqual({ granted: 16, first: NOW, later: NOW + 1600 });
    expect(await pacer.reserve(name, asking(1, NOW + 1600))).toEqual({
      granted: 0,
      first: NOW + 1600,
      later: NOW + 10_000,
    });
    expect(await pacer.reserve(name, asking(1, NOW + 1600, true))).toMatchObject({ granted: 1, first: NOW + 1600 });
  });

  it('forgets a waiting line that does not return', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    await pacer.reserve(name, asking(10_000));
    expect(await pacer.reserve(name, asking(1, NOW + 10_000))).toMatchObject({ granted: 1, first: NOW + 10_000 });
  });

  it('keeps the waiting line when its object is evicted, as a deploy does', async () => {
    const pacer = createPacer(env.LIMITER);
    const name = crypto.randomUUID();
    await pacer.reserve(name, asking(1000));
    const stub = env.LIMITER.getByName(`task:${name}`);
    await runInDurableObject(stub, (_, state) => state.abort('a deploy')).catch(() => {});
    expect(await pacer.reserve(name, asking(1))).toMatchObject({ granted: 0, later: NOW + 100_000 });
  });
});

describe('the limiter of requests', () => {
  const take = (name: string, limit: number, now: number) => env.LIMITER.getByName(name).take(limit, now);

  it('allows a burst of the limit, and then one call for each part of the minute', async () => {
    const name = crypto.randomUUID();
    for (let call = 0; call < 60; call++) expect(await take(name, 60, NOW)).toMatchObject({ allowed: true });

    expect(await take(name, 60, NOW)).toEqual({ allowed: false, retryAfterSeconds: 1 });
    expect(await take(name, 60, NOW + 1000)).toEqual({ allowed: true, retryAfterSeconds: 0 });
    expect(await take(name, 60, NOW + 1000)).toMatchObject({ allowed: false });
  });

  it('allows a whole burst again after an idle minute', async () => {
    const name = crypto.randomUUID();
    for (let call = 0; call < 5; call++) await take(name, 5, NOW);

    for (let call = 0; call < 5; call++) expect(await take(name, 5, NOW + 60_000)).toMatchObject({ allowed: true });
    expect(await take(name, 5, NOW + 60_000)).toMatchObject({ allowed: false, retryAfterSeconds: 12 });
  });
});

it('a limiter that does not answer is an error for each of its callers, and no endless wait', async () => {
  const never = () => new Promise<never>(() => {});
  const silent = { getByName: () => ({ take: never, reserve: never, release: never }) };
  const LIMITER = silent as unknown as DurableObjectNamespace<Limiter>;
  const { pacer, allow } = createLive({ LIMITER, LIVE: env.LIVE });

  const answers = await Promise.allSettled([
    allow('key', 1),
    pacer.reserve('task', asking(1)),
    pacer.release('task', 1),
  ]);

  for (const answer of answers)
    expect(answer).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('2000 ms') } });
});
