// What settling adds to the statistics.
import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { readFailures, readTotals } from '../../../src/engine/manage.ts';
import type { Settlement } from '../../../src/engine/settlement.ts';
import { Batch } from '../../../src/engine/store/batch.ts';
import { countFailures, countOutcomes } from '../../../src/engine/store/count-outcomes.ts';
import { aSettlement } from '../../support/dying.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['task_stats', 'failure_stats'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const ended = (outcome: Settlement['outcome'], change: Partial<Settlement> = {}): Settlement => ({
  ...aSettlement({ id: crypto.randomUUID(), fence: 1, startedAt: 1000 }),
  outcome,
  state: outcome === 'SNOOZED' ? 'RETRY' : outcome,
  ...change,
});

async function count(engine: TestEngine, settlements: Settlement[]): Promise<void> {
  const batch = new Batch(engine);
  const ends = settlements.map((settlement) => ({ ...settlement, isFirst: settlement.fence === 1 }));
  countOutcomes(batch, engine, ends, engine.clock.now());
  countFailures(batch, settlements, engine.clock.now());
  await batch.commit({ repeatable: false });
}

it('counts each outcome, attempt, first attempt and runtime', async () => {
  const engine = await makeEngine([]);
  const settlements = [
    ended('SUCCESS', { finishedAt: 1007 }),
    ended('FAILURE', { finishedAt: 1003, fence: 4 }),
    ended('RETRY'),
    ended('SNOOZED'),
    ended('REVOKED'),
  ];
  await count(engine, settlements);
  await count(engine, settlements.slice(0, 1));
  const [counts] = await readTotals(engine);
  expect(counts).toMatchObject({
    name: 'test.scripted',
    queue: 'default',
    succeeded: 2,
    failed: 1,
    retried: 1,
    revoked: 1,
  });
  expect(counts).toMatchObject({ attempts: 6, firstAttempts: 5, runtimeMs: 20 });
  expect(counts?.runtimes.slice(0, 3)).toEqual([4, 2, 0]);
});

it('counts how long each task waited after it was due', async () => {
  const engine = await makeEngine([]);
  await count(engine, [ended('SUCCESS', { dueAtStart: 940 }), ended('SUCCESS', { dueAtStart: 2000 })]);
  const [counts] = await readTotals(engine);
  expect(counts?.waits.slice(0, 3)).toEqual([1, 1, 0]);
});

it('counts definitions and queues apart', async () => {
  const engine = await makeEngine([]);
  await count(engine, [ended('SUCCESS'), ended('SUCCESS', { queue: 'low' }), ended('SUCCESS', { name: 'test.other' })]);
  const totals = await readTotals(engine);
  expect(totals.map(({ name, queue, succeeded }) => `${name} ${queue} ${succeeded}`).sort()).toEqual([
    'test.other default 1',
    'test.scripted default 1',
    'test.scripted low 1',
  ]);
});

it('counts failures by the class of their error, with the latest message', async () => {
  const engine = await makeEngine([]);
  const failure = (type: string, message: string) => ended('FAILURE', { error: { code: 'error', type, message } });
  const last = failure('TypeError', 'x'.repeat(400));
  await count(engine, [failure('TypeError', 'first'), last, failure('RangeError', 'far')]);
  const failures = await readFailures(engine, 0, 10);
  expect(failures).toHaveLength(2);
  expect(failures.find(({ exception }) => exception === 'TypeError')).toMatchObject({
    failures: 2,
    message: 'x'.repeat(300),
    lastTaskId: last.id,
  });
});
