// 120 days of 1,000,000 tasks, 50,000 workflows, 100,000 mails and 20,000 outputs a day, a thousandth of each: nothing is kept for a
// day longer than its retention, and nothing is deleted before. Every fifth clean-up dies halfway.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { QUEUE_NAMES, Snooze } from '../../src/engine/index.ts';
import { firstId } from '../../src/engine/store/ids.ts';
import { createFiles } from '../../src/files/index.ts';
import { createPayloads } from '../../src/files/payloads.ts';
import { cleanUp } from '../../src/tasks/clean-up.ts';
import { aBucket } from '../support/bucket.ts';
import { aContext } from '../support/context.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';

const DAYS = 120;
const DAY = 86_400_000;
const PER_DAY = { tasks: 1000, workflows: 50, mails: 100, outputs: 20, uploads: 20, payloads: 10 };
/** Every eight hours, to be quick; the schedule runs it every hour. */
const RUNS_PER_DAY = 3;

/** An id of that instant, the same for the same number. */
const idAt = (at: number, n: number) => firstId(at).slice(0, 24) + n.toString(16).padStart(12, '0');
/** `count` instants over a day, as rows `[id, instant, number]`. */
const spread = (from: number, count: number, offset = 0): string =>
  JSON.stringify(
    Array.from({ length: count }, (_, n) => {
      const at = Math.floor(from + (n / count) * DAY);
      return [idAt(at, offset + n), at, n];
    }),
  );

const ROW = 'json_each.value ->> 0 AS id, json_each.value ->> 1 AS at, json_each.value ->> 2 AS n FROM json_each(?1)';
const QUEUE = `json_extract('${JSON.stringify(QUEUE_NAMES)}', '$[' || (n % ${QUEUE_NAMES.length}) || ']')`;
const STATE = "CASE n % 25 WHEN 0 THEN 'FAILURE' WHEN 1 THEN 'REVOKED' ELSE 'SUCCESS' END";
const TASK = 'id, name, queue, state, input, tags, max_retries, fence, created_at, due_at, wake_at, finished_at';

/** What a day leaves behind. Every task ends in the minute in which it was enqueued. */
const OF_TASKS = [
  `INSERT INTO tasks (${TASK}, input_key) SELECT id, 'sim', ${QUEUE}, ${STATE}, CASE n % 100 WHEN 0 THEN NULL ELSE '{}' END,
     CASE n % 10 WHEN 0 THEN '["sim"]' END, 0, 1, at, at, at, at + 60000,
     CASE n % 100 WHEN 0 THEN 'payloads/' || id || '/input.json' END FROM (SELECT ${ROW})`,
  `INSERT INTO task_tags SELECT 'sim', id FROM (SELECT ${ROW}) WHERE n % 10 = 0`,
  `INSERT INTO attempts (task_id, number, outcome, started_at, finished_at) SELECT id, 1, 'RETRY', at, at FROM (SELECT ${ROW}) WHERE n % 5 = 0`,
  `INSERT INTO task_keys (key, task_id, input_hash, expires_at) SELECT id, id, '', at + ${DAY} FROM (SELECT ${ROW}) WHERE n % 3 = 0`,
  `INSERT INTO task_batches (id, part, task_ids) SELECT id, 0, json_array(id) FROM (SELECT ${ROW}) WHERE n % 100 = 7`,
  `INSERT INTO task_stats (minute, name, queue) SELECT at - at % 60000, 'sim' || n, 'low' FROM (SELECT ${ROW}) WHERE n % 40 = 0`,
  `INSERT INTO task_periods SELECT 3600, at - at % 3600000, 'sim' || n, 'low', 1, 0, 0, 0, 0, 1, 1, 1, '[]', '[]', 0, 0, 0, 0 FROM (SELECT ${ROW}) WHERE n % 40 = 0`,
  `INSERT INTO failure_stats SELECT 'sim', 'low', 'E' || id, 1, '', '', at, id FROM (SELECT ${ROW}) WHERE n % 100 = 0`,
  `INSERT INTO circuits (name, failures, failed_at) SELECT id, 1, at FROM (SELECT ${ROW}) WHERE n % 200 = 0`,
  `INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, result_key, started_at, ended_at, attempt, tries)
     SELECT id, 'sim', 1, 0, 'do', 'done', CASE n % 100 WHEN 0 THEN 'payloads/' || id || '/step-1-0.json' END, at, at, 1, 1
     FROM (SELECT ${ROW}) WHERE n % 5 = 0`,
  `INSERT INTO events (id, type, key, payload, payload_key, at, expires_at)
     SELECT id, 'sim', '', CASE n % 100 WHEN 0 THEN NULL ELSE '1' END,
       CASE n % 100 WHEN 0 THEN 'payloads/' || id || '/event.json' END, at, at + ${7 * DAY} FROM (SELECT ${ROW}) WHERE n % 10 = 0`,
  `UPDATE task_steps SET event_id = task_id WHERE task_id IN (SELECT id FROM (SELECT ${ROW}) WHERE n % 20 = 0)`,
  `INSERT INTO sessions (hash, key_hash, created_at, expires_at) SELECT id, id, at, at FROM (SELECT ${ROW}) WHERE n % 100 = 0`,
  `INSERT INTO api_keys (hash, prefix, name, scopes, created_at, revoked_at) SELECT id, id, '', '[]', at, at FROM (SELECT ${ROW}) WHERE n % 100 = 0`,
];
const OF_WORKFLOWS = [
  `INSERT INTO tasks (${TASK}, workflow_id) SELECT id, 'sim', 'low', 'SUCCESS', '{}', NULL, 0, 1, at, at, at, at + 60000, id FROM (SELECT ${ROW})`,
  `INSERT INTO workflows (id, result_task_id, total, done, created_at, tags) SELECT id, id, 1, 1, at, '["sim"]' FROM (SELECT ${ROW})`,
  `INSERT INTO workflow_tags (tag, workflow_id) SELECT 'sim', id FROM (SELECT ${ROW})`,
  `INSERT INTO workflow_tasks (workflow_id, task_id) SELECT id, id FROM (SELECT ${ROW})`,
  `INSERT INTO edges (parent_id, child_id, position, runs_on) SELECT id, id, 0, 'success' FROM (SELECT ${ROW})`,
];
const OF_MAILS = [
  `INSERT INTO sent_mails (idempotency_key, provider, message_id, attempted_at, sent_at) SELECT id, 'sim', id, at, at FROM (SELECT ${ROW})`,
  `INSERT INTO mailbox (id, idempotency_key, mail, received_at) SELECT id, id, '{}', at FROM (SELECT ${ROW})`,
];

async function simulateDay(bucket: ReturnType<typeof aBucket>, from: number): Promise<void> {
  const { tasks, workflows, mails } = PER_DAY;
  const [ofTasks, ofWorkflows, ofMails] = [spread(from, tasks), spread(from, workflows, tasks), spread(from, mails)];
  const statements = (sqls: string[], rows: string) => sqls.map((sql) => env.DB.prepare(sql).bind(rows));
  await env.DB.batch([
    ...statements(OF_TASKS, ofTasks),
    ...statements(OF_WORKFLOWS, ofWorkflows),
    ...statements(OF_MAILS, ofMails),
  ]);
  const put = (prefix: string, count: number, key: (n: number, at: number) => string) => {
    for (let n = 0; n < count; n++) {
      const at = Math.floor(from + (n / count) * DAY);
      bucket.uploaded.set(prefix + key(n, at), at);
    }
  };
  put('outputs/', PER_DAY.outputs, () => `sim/${crypto.randomUUID()}.json`);
  put('uploads/', PER_DAY.uploads, (n, at) => idAt(at, n));
  // Of each task with a large input: the payload, and one of an attempt that lost its lease.
  put('payloads/', PER_DAY.payloads, (n, at) => `${idAt(at, n * 100)}/input.json`);
  put('payloads/', PER_DAY.payloads, (n, at) => `${idAt(at, n * 100)}/result-9.json`);
  for (const of of ['step-1-0', 'event'])
    put('payloads/', PER_DAY.payloads, (n, at) => `${idAt(at, n * 100)}/${of}.json`);
}

/** Runs the task as the engine does: again after each snooze. */
async function cleanOnce(engine: TestEngine): Promise<void> {
  for (let invocations = 0; invocations < 50; invocations++) {
    try {
      await cleanUp.handler.run({}, aContext(engine));
      return;
    } catch (error) {
      if (!(error instanceof Snooze)) throw error;
    }
  }
  throw new Error('the clean-up does not end');
}

const TABLES = {
  tasks: 'created_at',
  attempts: 'started_at',
  task_keys: 'expires_at',
  task_stats: 'minute',
  task_periods: 'start',
  failure_stats: 'last_at',
  circuits: 'failed_at',
  task_steps: 'started_at',
  events: 'at',
  sessions: 'expires_at',
  workflows: 'created_at',
  sent_mails: 'sent_at',
  mailbox: 'received_at',
  api_keys: 'revoked_at',
};

/** The age of the oldest row of each table and of the oldest object under each prefix, in days. */
async function oldest(now: number, bucket: ReturnType<typeof aBucket>): Promise<Record<string, number>> {
  const columns = Object.entries(TABLES).map(([table, column]) => `(SELECT min(${column}) FROM ${table}) AS ${table}`);
  const row = await env.DB.prepare(
    `SELECT ${columns.join(', ')},
       (SELECT min(created_at) FROM tasks WHERE state <> 'FAILURE' AND workflow_id IS NULL) AS successes,
       (SELECT min(created_at) FROM workflow_tags JOIN workflows ON id = workflow_id) AS workflow_tags`,
  ).first<Record<string, number>>();
  const of = (prefix: string) =>
    Math.min(...[...bucket.uploaded].flatMap(([key, at]) => (key.startsWith(prefix) ? [at] : [])));
  const files = { outputs: of('outputs/'), uploads: of('uploads/'), payloads: of('payloads/') };
  return Object.fromEntries(Object.entries({ ...row, ...files }).map(([what, at]) => [what, (now - at) / DAY]));
}

/** How long each is kept, in days. A dedupe key of a day counts from its expiry. */
const KEPT: Record<string, number> = {
  ...{ tasks: 30, successes: 7, attempts: 30, task_keys: 0, workflows: 30, sent_mails: 30, mailbox: 30 },
  ...{ task_stats: 90, task_periods: 90, failure_stats: 90, circuits: 90, api_keys: 90, sessions: 90 },
  ...{ task_steps: 30, events: 30, workflow_tags: 30 },
  ...{ outputs: 30, uploads: 30, payloads: 30 },
};

it('nothing grows for ever', { timeout: 600_000 }, async () => {
  let faults = 0;
  const engine = await makeEngine([]);
  const bucket = aBucket(engine.clock.now);
  const files = createFiles(bucket);
  const stable = createPayloads(bucket);
  engine.services = { ...engine.services, files };
  engine.payloads = stable;
  const start = engine.clock.now();
  const ages: Record<string, number>[] = [];
  for (let day = 0; day < DAYS; day++) {
    await simulateDay(bucket, start + day * DAY);
    for (let run = 0; run < RUNS_PER_DAY; run++) {
      engine.advance(86_400 / RUNS_PER_DAY);
      const dies = (day * RUNS_PER_DAY + run) % 5 === 0;
      engine.payloads = dies
        ? { ...stable, delete: () => Promise.reject(new Error('died')), list: () => Promise.reject(new Error('died')) }
        : stable;
      await cleanOnce(engine).catch(() => {
        faults++;
      });
    }
    ages.push(await oldest(engine.clock.now(), bucket));
  }
  expect(faults).toBeGreaterThan(DAYS / 2);
  for (const [what, days] of Object.entries(KEPT)) {
    const age = Math.max(...ages.map((of) => of[what] ?? 0));
    expect(age, what).toBeLessThan(days + 1);
    if (days > 0) expect(age, what).toBeGreaterThan(days - 1);
  }
});
