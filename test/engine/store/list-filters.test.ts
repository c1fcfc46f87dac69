// Every pair and triple of filters of the task list, against a filter in JavaScript over the same tasks.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { listTasks, type TaskFilter, type TaskSummary } from '../../../src/engine/manage.ts';
import { aTask } from '../../support/a-task.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const MINUTE = 60_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const WORKFLOW = crypto.randomUUID();
const BATCH = crypto.randomUUID();
const ALL = { limit: 1000, before: undefined };

let engine: TestEngine;
let tasks: TaskSummary[];

/** Tasks of two names in three queues and all states, some tagged, some in a workflow, a minute apart. */
beforeAll(async () => {
  engine = await makeEngine([scripted]);
  const states = ['PENDING', 'STARTED', 'RETRY', 'SUCCESS', 'FAILURE', 'REVOKED'] as const;
  const queues = ['high', 'default', 'files'] as const;
  for (let index = 0; index < 72; index++) {
    const createdAt = START + index * MINUTE;
    const { id } = await aTask({
      id: idAt(createdAt),
      name: index % 2 === 0 ? 'test.scripted' : 'other.name',
      queue: queues[index % 3]!,
      state: states[Math.floor(index / 3) % states.length]!,
      createdAt,
      tags: index % 4 < 2 ? ['tagged'] : [],
    });
    if (index % 3 === 0)
      await env.DB.prepare('INSERT INTO workflow_tasks (workflow_id, task_id) VALUES (?, ?)').bind(WORKFLOW, id).run();
  }
  await env.DB.prepare(
    'UPDATE tasks SET workflow_id = ?1 WHERE id IN (SELECT task_id FROM workflow_tasks WHERE workflow_id = ?1)',
  )
    .bind(WORKFLOW)
    .run();
  tasks = await listTasks(engine, {}, ALL);
  // Not in the order of the ids, and with the id of a task that was pruned.
  const batched = [...tasks.filter(({ id }) => isInBatch(id)).map(({ id }) => id), idAt(START)].sort(() => -1);
  await env.DB.prepare('INSERT INTO task_batches (id, part, task_ids) VALUES (?, 0, ?)')
    .bind(BATCH, JSON.stringify(batched))
    .run();
});

function idAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/** Every fifth minute. */
function isInBatch(id: string): boolean {
  return ((Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) - START) / MINUTE) % 5 === 0;
}

/** One value of each filter, and what it means. */
const FILTERS: { [Field in keyof TaskFilter]-?: [value: TaskFilter[Field], means: (task: TaskSummary) => boolean] } = {
  state: ['FAILURE', ({ state }) => state === 'FAILURE'],
  name: ['test.scripted', ({ name }) => name === 'test.scripted'],
  queue: ['default', ({ queue }) => queue === 'default'],
  tag: ['tagged', ({ tags }) => tags.includes('tagged')],
  text: ['scripted', ({ name }) => name.includes('scripted')],
  workflowId: [WORKFLOW, ({ workflowId }) => workflowId === WORKFLOW],
  batchId: [BATCH, ({ id }) => isInBatch(id)],
  since: [START + 10 * MINUTE, ({ createdAt }) => createdAt >= START + 10 * MINUTE],
  until: [START + 60 * MINUTE, ({ createdAt }) => createdAt < START + 60 * MINUTE],
};

const FIELDS = Object.keys(FILTERS) as (keyof TaskFilter)[];

/** All choices of `count` fields. */
function choices(count: number, from = 0): (keyof TaskFilter)[][] {
  if (count === 0) return [[]];
  return FIELDS.slice(from).flatMap((field, index) =>
    choices(count - 1, from + index + 1).map((rest) => [field, ...rest]),
  );
}

describe('the task list', () => {
  it('knows 72 tasks here', () => {
    expect(tasks).toHaveLength(72);
  });

  it.each([1, 2, 3].flatMap((count) => choices(count).map((fields) => [fields.join(' and '), fields] as const)))(
    'filters by %s',
    async (_, fields) => {
      const filter = Object.fromEntries(fields.map((field) => [field, FILTERS[field][0]])) as TaskFilter;
      const wanted = tasks.filter((task) => fields.every((field) => FILTERS[field][1](task)));
      expect((await listTasks(engine, filter, ALL)).map(({ id }) => id)).toEqual(wanted.map(({ id }) => id));
    },
  );

  it('filters by the beginning of an id and a tag', async () => {
    const [task] = tasks.filter(({ tags }) => tags.includes('tagged'));
    const found = await listTasks(engine, { text: task!.id.slice(0, 14), tag: 'tagged' }, ALL);
    expect(found.map(({ id }) => id)).toEqual([task!.id]);
  });
});
