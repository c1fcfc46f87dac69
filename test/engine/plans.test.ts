// The query plans of the engine's statements: none may read a whole table that grows with the number of tasks.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask } from '../../src/engine/index.ts';
import {
  callBehindCircuit,
  createSchedule,
  enqueue,
  findTask,
  findTaskWithWait,
  findWorkflow,
  listAttempts,
  listCircuits,
  listTasks,
  listWorkflows,
  overviewQueues,
  pauseQueue,
  readFailures,
  readSeries,
  readSweeps,
  readTotals,
  resumeQueue,
  retryTasks,
  retryWorkflow,
  revokeTasks,
  revokeWorkflow,
  startInBackground,
  sweep,
  useEngine,
} from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const GROWING =
  /SCAN (tasks|edges|attempts|task_keys|task_tags|task_batches|workflows|workflow_tasks|task_stats|task_periods|failure_stats|other|waiting|parent|cause)\b/;

const limited = defineTask({
  name: 'test.limited',
  input: z.object({}),
  output: z.object({}),
  rateLimit: '10/s',
  concurrency: { limit: 1 },
  run: () => ({}),
});

const batched = defineTask({
  name: 'test.batched',
  input: z.object({}),
  output: z.object({}),
  batch: { size: 2, waitMs: 1000 },
  runMany: (inputs) => inputs.map(() => ({ result: {} })),
});

it('no statement reads a whole table', async () => {
  const engine = await makeEngine([scripted, limited, batched]);
  const statements = new Set<string>();
  const { db } = engine;
  engine.db = new Proxy(db, {
    get(target, property) {
      const value = Reflect.get(target, property) as unknown;
      if (property === 'prepare') {
        return (sql: string) => {
          statements.add(sql);
          return target.prepare(sql);
        };
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  useEngine(engine);
  const unique = { key: 'x', forSeconds: 5, onConflict: 'replace' as const };
  const options = { unique, idempotencyKey: 'y', tags: ['t'] };
  const batchId = crypto.randomUUID();
  const requests = [
    { definition: scripted, input: { do: ['throw', 'snooze', 'succeed'] }, options },
    { definition: limited, input: {} },
    { definition: limited, input: {} },
    { definition: batched, input: {} },
  ];
  const receipts = await enqueue(engine, requests, { batchId });
  const ids = receipts.map(({ taskId }) => taskId);
  const header = [scripted.s({ do: ['fail'] }), scripted.s()];
  const { workflowId } = await chain(chord(header, scripted.si({})), scripted.si({})).enqueue({
    onError: scripted.si({}),
  });
  await startInBackground(engine, { definition: scripted, input: {} });
  await createSchedule(engine, 'often', { task: 'test.scripted', every: 60 });
  await pauseQueue(engine, 'low');
  await resumeQueue(engine, 'low');
  await engine.drain(60);
  await retryWorkflow(engine, workflowId);
  await revokeWorkflow(engine, workflowId);
  await retryTasks(engine, ids, Number.MAX_SAFE_INTEGER);
  await revokeTasks(engine, ids);
  engine.advance(90 * 86_400);
  for (let minute = 0; minute < 3; minute++) await sweep(engine);
  await callBehindCircuit(engine, 'api', async () => 1);
  await overviewQueues(engine);
  for (const stepSeconds of [60, 7200]) await readSeries(engine, { since: 0, stepSeconds });
  await readTotals(engine);
  await readFailures(engine, 0, 10);
  await readSweeps(engine);
  await listCircuits(engine);
  await listWorkflows(engine, 10, undefined);
  await listWorkflows(engine, 10, undefined, { idPart: '0190' });
  await findTask(engine, ids[0]!).catch(() => undefined);
  await findTaskWithWait(engine, ids[0]!).catch(() => undefined);
  await findWorkflow(engine, workflowId, 10).catch(() => undefined);
  await listAttempts(engine, ids[0]!);
  // Without a filter a list is the table in order, as far as its page.
  for (const filter of [
    { state: 'PENDING' },
    { queue: 'low' },
    { name: 'a' },
    { tag: 't' },
    { workflowId },
    { batchId },
    // The end of an id is left out here: it reads the table in order, as far as 20,000 ids.
    { text: 'test 0190' },
  ] as const)
    await listTasks(engine, filter, { limit: 10, before: undefined });

  expect(statements.size).toBeGreaterThan(50);
  const scans: string[] = [];
  for (const sql of statements) {
    const count = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
    const explain = env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...Array.from({ length: count }, () => '[]'));
    const { results } = await explain.all<{ detail: string }>();
    const bad = results.filter(({ detail }) => GROWING.test(detail) && !/USING/.test(detail));
    scans.push(...bad.map(({ detail }) => `${detail}: ${sql.replace(/\s+/g, ' ').trim().slice(-400)}`));
  }
  expect(scans).toEqual([]);
});
