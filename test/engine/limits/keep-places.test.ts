// Tasks that keep their place of a concurrency limit while their steps sleep or wait: in any order of crashes, events, revocations,
// expiries, deadlines and retries by hand, no more tasks than the limit hold a place, and each place is given back once.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fixed } from '../../../src/engine/index.ts';
import { enqueue, findTaskWithWait, retryTask, revokeTask, sendEvent, sweep } from '../../../src/engine/manage.ts';
import { claimTasks } from '../../../src/engine/store/claim-tasks.ts';
import { makeEngine, rowOf, statesOf, type TestEngine } from '../../support/engine.ts';
import { stepped } from '../../support/stepped.ts';

const LIMIT = 2;
const KEY = 'test.stepped';

beforeEach(async () => {
  await env.DB.batch(
    ['tasks', 'task_steps', 'leases', 'events', 'attempts'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  );
});

/** Sleeps, waits for an event, and ends as its input says. */
const keeping = (options: object = {}) =>
  stepped(
    async ({ step, fail }, input) => {
      const { ends, undoes } = input as { ends: string; undoes: boolean };
      await step.do('begin', () => 1, undoes ? { undo: () => undefined } : undefined);
      await step.sleep('rest', '1 minute');
      await step.waitForEvent('go', { type: 'keep.go', timeout: '10 minutes' });
      if (ends === 'throws') throw new Error('once more');
      if (ends === 'fails') fail('no');
    },
    {
      ...{ concurrency: { limit: LIMIT, keepWhileWaiting: true }, retry: { max: 1, backoff: fixed(5) } },
      ...options,
    },
  );

async function start(engine: TestEngine, definition: ReturnType<typeof keeping>, inputs: object[], options = {}) {
  const requests = inputs.map((input) => ({
    definition,
    input: { ends: 'succeeds', undoes: false, ...input },
    options,
  }));
  const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
  await engine.deliver();
  return ids;
}

/** The tasks that hold a place, as the claim counts them. */
async function holders(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT id FROM tasks WHERE concurrency_key = ? AND (state = 'STARTED' OR (state = 'RETRY' AND keeps_place = 1))",
  )
    .bind(KEY)
    .all<{ id: string }>();
  return results.map(({ id }) => id);
}

const claim = (engine: TestEngine, ids: string[]) =>
  claimTasks(engine, {
    ...{ queue: 'default', ids, leaseId: crypto.randomUUID(), running: [], alone: true },
    ...{ dueBy: engine.clock.now(), now: engine.clock.now(), limited: { places: LIMIT, slots: new Map() } },
  });

async function wake(engine: TestEngine, seconds: number): Promise<void> {
  engine.advance(seconds);
  await sweep(engine);
  await engine.deliver();
}

/** As many new tasks as the limit can be claimed, and not one more. */
async function expectAllPlacesFree(engine: TestEngine, definition: ReturnType<typeof keeping>): Promise<void> {
  expect(await holders()).toEqual([]);
  const requests = Array.from({ length: LIMIT + 2 }, () => ({
    definition,
    input: { ends: 'succeeds', undoes: false },
  }));
  const ids = (await enqueue(engine, requests)).map(({ taskId }) => taskId);
  await engine.idle();
  expect(await claim(engine, ids)).toHaveLength(LIMIT);
}

describe('a task that keeps its place', () => {
  it('lets no other task start while it sleeps and waits, and the next one when it has ended', async () => {
    const definition = keeping();
    const engine = await makeEngine([definition]);
    const ids = await start(engine, definition, [{}, {}, {}]);
    expect(await statesOf(ids)).toEqual(['RETRY', 'RETRY', 'PENDING']);
    await wake(engine, 30);
    expect(await statesOf(ids)).toEqual(['RETRY', 'RETRY', 'PENDING']);
    expect((await findTaskWithWait(engine, ids[2]!)).waiting?.reason).toBe('concurrency');
    await wake(engine, 61);
    expect((await findTaskWithWait(engine, ids[0]!)).waiting?.reason).toBe('event');
    await sendEvent(engine, { type: 'keep.go' });
    await engine.deliver();
    expect((await statesOf(ids)).slice(0, 2)).toEqual(['SUCCESS', 'SUCCESS']);
    await engine.deliver();
    expect(await rowOf(ids[2]!)).toMatchObject({ state: 'RETRY', keeps_place: 1 });
    await wake(engine, 61);
    expect(await statesOf(ids)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    await expectAllPlacesFree(engine, definition);
  });

  it('gives its place to others without the option', async () => {
    const definition = keeping({ concurrency: { limit: LIMIT } });
    const engine = await makeEngine([definition]);
    const ids = await start(engine, definition, [{}, {}, {}]);
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['RETRY', 'RETRY', 'RETRY']);
  });

  it('keeps it when a message does not say that its definition has limits', async () => {
    const definition = keeping();
    const engine = await makeEngine([definition]);
    const [id] = await start(engine, definition, [{}]);
    engine.advance(61);
    await engine.idle();
    engine.sent.default.splice(0, 99, { body: { ids: [id!] }, delaySeconds: 0 });
    await engine.deliver();
    expect(await rowOf(id!)).toMatchObject({ state: 'RETRY', keeps_place: 1 });
  });

  it.each<[string, (engine: TestEngine, id: string) => Promise<unknown>, object, object]>([
    ['a revocation', (engine, id) => revokeTask(engine, id), {}, {}],
    ['an expiry', (engine) => wake(engine, 301), { expires: 300 }, {}],
    ['a deadline', (engine) => wake(engine, 301), {}, { deadlineSeconds: 300 }],
    ['a timeout', (engine) => wake(engine, 61).then(() => wake(engine, 601)), {}, {}],
  ])('gives it back after %s', async (_, end, enqueueOptions, options) => {
    const definition = keeping(options);
    const engine = await makeEngine([definition]);
    const [id] = await start(engine, definition, [{}], enqueueOptions);
    expect(await holders()).toEqual([id]);
    await end(engine, id!);
    await engine.deliver();
    expect(['REVOKED', 'FAILURE']).toContain((await rowOf(id!)).state);
    await expectAllPlacesFree(engine, definition);
  });

  it('needs no other place for the undos that run when it is revoked', async () => {
    const definition = keeping();
    const engine = await makeEngine([definition]);
    const ids = await start(engine, definition, [{ undoes: true }, {}, {}]);
    await revokeTask(engine, ids[0]!);
    expect(await holders()).toHaveLength(LIMIT);
    await engine.deliver();
    expect((await rowOf(ids[0]!)).state).toBe('REVOKED');
    await engine.deliver();
    expect(await statesOf(ids)).toEqual(['REVOKED', 'RETRY', 'RETRY']);
  });
});

type Happening = [kind: 'deliver' | 'wake' | 'event' | 'revoke' | 'crash' | 'retry' | 'expire', which: number];

const happening: fc.Arbitrary<Happening> = fc.tuple(
  fc.constantFrom('deliver', 'wake', 'event', 'revoke', 'crash', 'retry', 'expire'),
  fc.nat(4),
);

async function happen(engine: TestEngine, ids: string[], [kind, which]: Happening): Promise<void> {
  const id = ids[which % ids.length]!;
  if (kind === 'deliver') await engine.deliver();
  if (kind === 'wake') await wake(engine, 61);
  if (kind === 'event') await sendEvent(engine, { type: 'keep.go' });
  if (kind === 'revoke') await revokeTask(engine, id).catch(() => {});
  if (kind === 'crash') await claim(engine, [id]);
  if (kind === 'retry') await retryTask(engine, id).catch(() => {});
  if (kind === 'expire')
    await env.DB.prepare('UPDATE tasks SET expires_at = 1 WHERE id = ? AND finished_at IS NULL').bind(id).run();
}

it('never more tasks than the limit hold a place, whatever happens, and all places are free in the end', async () => {
  const input = fc.record({ ends: fc.constantFrom('succeeds', 'throws', 'fails'), undoes: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(input, { minLength: 3, maxLength: 5 }),
      fc.array(happening, { minLength: 4, maxLength: 14 }),
      async (inputs, happenings) => {
        await env.DB.batch(
          ['tasks', 'task_steps', 'leases', 'events'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
        );
        const definition = keeping();
        const engine = await makeEngine([definition]);
        const ids = await start(engine, definition, inputs);
        for (const one of happenings) {
          await happen(engine, ids, one);
          expect((await holders()).length, JSON.stringify(one)).toBeLessThanOrEqual(LIMIT);
        }
        for (let round = 0; round < 40; round++) {
          const { left } = (await env.DB.prepare('SELECT count(*) AS left FROM tasks WHERE finished_at IS NULL').first<{
            left: number;
          }>())!;
          if (left === 0) break;
          await wake(engine, 301);
          expect((await holders()).length).toBeLessThanOrEqual(LIMIT);
        }
        for (const state of await statesOf(ids)) expect(['SUCCESS', 'FAILURE', 'REVOKED']).toContain(state);
        await expectAllPlacesFree(engine, definition);
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
