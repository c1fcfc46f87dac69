// Bulk revoke and bulk retry by every pair and triple of fields, against a plain filter over the tasks that the test wrote. The
// fields are those of the OpenAPI document: one without values here fails the test.
import { env } from 'cloudflare:workers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isFinal } from '../../../src/engine/index.ts';
import { consume, findTask, useEngine } from '../../../src/engine/manage.ts';
import { type Choice, crossed, fitting } from '../../support/crossed.ts';
import { aBatch } from '../../support/engine.ts';
import { operationsOf, readDocument } from '../../support/openapi.ts';
import { SEEDED_TASKS, type SeededTask, seedTasks, TASK_FILTERS } from '../../support/seeded-tasks.ts';
import { anApp, reply } from '../../support/worker.ts';

type Given = Record<string, string>;

const document = await readDocument();
const app = await anApp();
const { engine } = app;

/** Tables that a bulk call changes, besides `tasks`. */
const TABLES = ['workflows', 'leases', 'attempts'];

beforeAll(async () => {
  useEngine(engine);
  await seedTasks();
  await env.DB.batch(
    [...TABLES, 'tasks'].map((table) => env.DB.prepare(`CREATE TABLE seeded_${table} AS SELECT * FROM ${table}`)),
  );
});

async function restore(): Promise<void> {
  for (const messages of Object.values(engine.sent)) messages.splice(0);
  await env.DB.batch([
    // A trigger refuses to make a final task unfinished, so tasks that changed are written anew.
    env.DB.prepare('DELETE FROM tasks WHERE (id, state) NOT IN (SELECT id, state FROM seeded_tasks)'),
    env.DB.prepare('INSERT OR IGNORE INTO tasks SELECT * FROM seeded_tasks'),
    ...TABLES.flatMap((table) => [
      env.DB.prepare(`DELETE FROM ${table}`),
      env.DB.prepare(`INSERT INTO ${table} SELECT * FROM seeded_${table}`),
    ]),
  ]);
}

/** The ids of the seeded tasks whose state is no longer the one they were written with. */
async function changedTasks(): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'SELECT tasks.id FROM tasks JOIN seeded_tasks USING (id) WHERE tasks.state <> seeded_tasks.state ORDER BY id DESC',
  ).all<{ id: string }>();
  return results.map(({ id }) => id);
}

/** Makes the call and runs the task that it enqueues, and no other. Returns how many tasks that one says it changed. */
async function runBulk(line: string, json: object): Promise<number> {
  const { task_id } = await reply<{ task_id: string }>(202, app.call(line, { json }));
  await engine.idle();
  await consume(
    engine,
    'high',
    aBatch(
      'high',
      engine.sent.high.splice(0).map(({ body }) => body),
    ),
  );
  await engine.idle();
  const { state, result } = await findTask(engine, task_id);
  expect(state).toBe('SUCCESS');
  return (JSON.parse((result as { json: string }).json) as { changed: number }).changed;
}

/** The fields of a bulk call's filter, and those beside it. */
function fieldsOf(line: string): string[] {
  const { filter, dry_run, ...others } =
    operationsOf(document).find(({ name }) => name === line)?.body?.properties ?? {};
  expect(dry_run, 'can be asked first').toBeDefined();
  return [...Object.keys(filter?.properties ?? {}), ...Object.keys(others)].sort();
}

/** Asks, makes the call, and compares both with the tasks that should change. */
async function expectChanged(line: string, json: object, wanted: readonly SeededTask[]): Promise<number> {
  const label = JSON.stringify(json);
  const asked = await reply<{
    count: number;
    is_complete: boolean;
    by: { name: string; status: string; count: number }[];
  }>(200, app.call(line, { json: { ...json, dry_run: true } }));
  expect(await changedTasks(), `${label}: dry_run changes nothing`).toEqual([]);
  const said = await runBulk(line, json);
  const changed = await changedTasks();

  expect(changed, label).toEqual(wanted.map(({ id }) => id));
  expect(said, `${label}: the number that the task tells`).toBe(changed.length);
  expect(asked, `${label}: the number of dry_run`).toMatchObject({ count: changed.length, is_complete: true });
  const kinds = new Map<string, number>();
  for (const { name, state } of wanted) kinds.set(`${name} ${state}`, (kinds.get(`${name} ${state}`) ?? 0) + 1);
  expect(new Map(asked.by.map(({ name, status, count }) => [`${name} ${status}`, count])), label).toEqual(kinds);
  return changed.length;
}

const givenBy = (choices: readonly Choice<SeededTask>[]): Given =>
  Object.fromEntries(choices.map(({ parameter, value }) => [parameter, value]));

beforeEach(restore);

describe('POST /tasks/revoke', () => {
  const line = 'POST /tasks/revoke';

  it('has values here for each of its fields', () => {
    expect(Object.keys(TASK_FILTERS).sort()).toEqual(fieldsOf(line));
  });

  it.each(crossed(TASK_FILTERS))('by %s', async (_, combinations) => {
    for (const choices of combinations) {
      const wanted = fitting(SEEDED_TASKS, choices).filter(({ state }) => !isFinal(state));
      await expectChanged(line, { filter: givenBy(choices) }, wanted);
      await restore();
    }
  });
});

describe('POST /tasks/retry', () => {
  const line = 'POST /tasks/retry';
  const meanings = { ...TASK_FILTERS, include_succeeded: [['true', () => true]] } as typeof TASK_FILTERS;

  it('has values here for each of its fields', () => {
    expect(Object.keys(meanings).sort()).toEqual(fieldsOf(line));
  });

  it.each(crossed(meanings).filter(([names]) => names !== 'include_succeeded'))('by %s', async (_, combinations) => {
    for (const choices of combinations) {
      const { include_succeeded, ...filter } = givenBy(choices);
      const json = { filter, ...(include_succeeded && { include_succeeded: true }) };
      await expectChanged(line, json, retried(fitting(SEEDED_TASKS, choices), filter, include_succeeded !== undefined));
      await restore();
    }
  });
});

/**
 * Of matching tasks outside workflows, those that failed, or all final ones if the call names them. Of a final workflow with
 * such a task, everything that failed or was revoked.
 */
function retried(matching: readonly SeededTask[], filter: Given, all: boolean): SeededTask[] {
  const meant = matching.filter(
    ({ state }) => isFinal(state) && (all || filter.status !== undefined || state === 'FAILURE'),
  );
  const workflows = new Set(meant.map(({ workflowId }) => workflowId));
  const isEnded = (id: string) => SEEDED_TASKS.every(({ workflowId, state }) => workflowId !== id || isFinal(state));
  return SEEDED_TASKS.filter((task) => {
    const { workflowId, state } = task;
    if (workflowId === undefined) return meant.includes(task);
    return workflows.has(workflowId) && isEnded(workflowId) && (state === 'FAILURE' || state === 'REVOKED');
  });
}
