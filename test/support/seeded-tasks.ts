// 120 tasks that differ in everything a filter can name, and what each filter means for them.
import { env } from 'cloudflare:workers';
import { isFinal, QUEUE_NAMES, type QueueName } from '../../src/engine/index.ts';
import { STATES, type State } from '../../src/engine/manage.ts';
import { aTask } from './a-task.ts';
import type { Meanings } from './crossed.ts';

export interface SeededTask {
  id: string;
  name: string;
  queue: QueueName;
  state: State;
  tags: string[];
  createdAt: number;
  workflowId: string | undefined;
  isInBatch: boolean;
  version: { id: string; tag?: string } | undefined;
}

/** One with a tag, one without, and none. */
const VERSIONS = [{ id: crypto.randomUUID(), tag: 'v1.2' }, { id: crypto.randomUUID() }, undefined];

const COUNT = 120;
const STEP_MS = 20_000;
const START = Date.parse('2026-11-01T00:00:00Z');
const BATCH = crypto.randomUUID();
/** All tasks of the one are final; the other has unfinished tasks, too. */
const ENDED_WORKFLOW = crypto.randomUUID();
const OPEN_WORKFLOW = crypto.randomUUID();

/** A number from 0 to `count` - 1: the same in every run, and independent of those with another salt. */
function pick(count: number, index: number, salt: number): number {
  const start = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  const mixed = Math.imul(start ^ (start >>> 15), 0x2c1b3c6d);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % count;
}

function idAt(at: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

function seedOf(index: number): SeededTask {
  const createdAt = START + index * STEP_MS;
  const state = STATES[pick(STATES.length, index, 1)]!;
  const inEnded = isFinal(state) && pick(3, index, 2) === 0;
  const inOpen = !inEnded && pick(3, index, 3) === 0;
  return {
    id: idAt(createdAt),
    name: pick(2, index, 4) === 0 ? 'demo.echo' : 'other.name',
    queue: QUEUE_NAMES[pick(3, index, 5)]!,
    state,
    tags: pick(2, index, 6) === 0 ? ['tagged'] : [],
    createdAt,
    workflowId: inEnded ? ENDED_WORKFLOW : inOpen ? OPEN_WORKFLOW : undefined,
    isInBatch: pick(2, index, 7) === 0,
    version: VERSIONS[pick(VERSIONS.length, index, 8)],
  };
}

/** Newest first, as the list shows them. */
export const SEEDED_TASKS: readonly SeededTask[] = Array.from({ length: COUNT }, (_, index) =>
  seedOf(COUNT - 1 - index),
);

/** Writes them, their two workflows and their batch. */
export async function seedTasks(): Promise<void> {
  for (const { id, name, queue, state, tags, createdAt, version } of SEEDED_TASKS)
    await aTask({ id, name, queue, state, tags, createdAt, ...(version && { version }) });
  // Not in the order of the ids, and with the id of a task that was pruned.
  const batched = [...SEEDED_TASKS.filter(({ isInBatch }) => isInBatch).map(({ id }) => id), idAt(START)].sort(
    () => -1,
  );
  await env.DB.batch([
    env.DB.prepare('INSERT INTO task_batches (id, part, task_ids) VALUES (?, 0, ?)').bind(
      BATCH,
      JSON.stringify(batched),
    ),
    ...[ENDED_WORKFLOW, OPEN_WORKFLOW].flatMap(insertWorkflow),
  ]);
}

function insertWorkflow(id: string): D1PreparedStatement[] {
  const members = SEEDED_TASKS.filter(({ workflowId }) => workflowId === id);
  const ids = JSON.stringify(members.map((task) => task.id));
  const done = members.filter(({ state }) => isFinal(state)).length;
  return [
    env.DB.prepare('INSERT INTO workflows (id, result_task_id, total, done, created_at) VALUES (?, ?, ?, ?, ?)').bind(
      id,
      members[0]!.id,
      members.length,
      done,
      START,
    ),
    env.DB.prepare('INSERT INTO workflow_tasks (workflow_id, task_id) SELECT ?, value FROM json_each(?)').bind(id, ids),
    env.DB.prepare('UPDATE tasks SET workflow_id = ? WHERE id IN (SELECT value FROM json_each(?))').bind(id, ids),
  ];
}

const SINCE = START + 15 * STEP_MS;
const UNTIL = START + 105 * STEP_MS;
/** The ids of about 50 tasks begin with this: those of 17 minutes. */
const BEGINNING = SEEDED_TASKS[60]!.id.slice(0, 7);

const END = SEEDED_TASKS[60]!.id.slice(-8);

/** Values of each filter of the task list, in the words of the API. */
export const TASK_FILTERS: Meanings<SeededTask> = {
  status: (['FAILURE', 'STARTED', 'REVOKED'] as const).map((wanted) => [wanted, ({ state }) => state === wanted]),
  name: [['demo.echo', ({ name }) => name === 'demo.echo']],
  queue: [['default', ({ queue }) => queue === 'default']],
  tag: [['tagged', ({ tags }) => tags.includes('tagged')]],
  text: [
    ['mo.ech', ({ name }) => name.includes('mo.ech')],
    [BEGINNING, ({ id }) => id.startsWith(BEGINNING)],
    [`demo ${BEGINNING}`, ({ id, name }) => name.startsWith('demo') && id.startsWith(BEGINNING)],
    [END, ({ id }) => id.endsWith(END)],
  ],
  workflow_id: [ENDED_WORKFLOW, OPEN_WORKFLOW].map((wanted) => [wanted, ({ workflowId }) => workflowId === wanted]),
  batch_id: [[BATCH, ({ isInBatch }) => isInBatch]],
  version: [
    ['v1.2', ({ version }) => version?.tag === 'v1.2'],
    [VERSIONS[1]!.id, ({ version }) => version === VERSIONS[1]],
  ],
  since: [[new Date(SINCE).toISOString(), ({ createdAt }) => createdAt >= SINCE]],
  until: [[new Date(UNTIL).toISOString(), ({ createdAt }) => createdAt < UNTIL]],
};
