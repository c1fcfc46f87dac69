import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyDefinition, defineTask } from '../../src/engine/index.ts';
import {
  deployedVersion,
  enqueue,
  enqueueOne,
  findTask,
  listAttempts,
  listTasks,
  retryTask,
  sweep,
} from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const FIRST = { id: '11111111-1111-4111-8111-111111111111', tag: 'first' };
const SECOND = { id: '22222222-2222-4222-8222-222222222222', tag: undefined };

async function anEngine(definitions: AnyDefinition[]) {
  const engine = await makeEngine(definitions);
  engine.settings.version = FIRST;
  return engine;
}

const versionsOf = async (engine: Awaited<ReturnType<typeof makeEngine>>, id: string) =>
  (await listAttempts(engine, id)).map(({ outcome, version }) => [outcome, version?.tag ?? version?.id]);

it('the binding of this runtime names a version, and an empty one is none', () => {
  expect(deployedVersion(env.CF_VERSION_METADATA)?.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(deployedVersion({ id: '', tag: '' })).toBeUndefined();
  expect(deployedVersion(undefined)).toBeUndefined();
  expect(deployedVersion({ id: 'a', tag: '' })).toEqual({ id: 'a', tag: undefined });
});

it('each attempt names the version under which it ran, and the task that of the last one', async () => {
  const engine = await anEngine([scripted]);
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: { do: ['throw', 'fail', 'succeed'] } });
  expect((await findTask(engine, taskId)).version).toBeUndefined();
  await engine.deliver();
  engine.settings.version = SECOND;
  engine.advance(3600);
  await sweep(engine);
  await engine.deliver();

  expect(await versionsOf(engine, taskId)).toEqual([
    ['RETRY', 'first'],
    ['FAILURE', SECOND.id],
  ]);
  expect((await findTask(engine, taskId)).version).toEqual(SECOND);
  engine.settings.version = FIRST;
  await retryTask(engine, taskId);
  // Its last attempt stays that of the second version until it runs again.
  expect((await findTask(engine, taskId)).version).toEqual(SECOND);
  await engine.deliver();
  expect((await versionsOf(engine, taskId)).at(-1)).toEqual(['SUCCESS', 'first']);
});

it('an attempt that crashed names its version', async () => {
  const engine = await anEngine([scripted]);
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: { do: ['succeed'] } });
  await env.DB.prepare(
    "UPDATE tasks SET state = 'STARTED', lease_id = 'dead', fence = 1, started_at = 0, version = ?2 WHERE id = ?1",
  )
    .bind(taskId, JSON.stringify(FIRST))
    .run();
  await env.DB.prepare("INSERT INTO leases (id, queue, task_ids, until) VALUES ('dead', 'default', ?1, 0)")
    .bind(JSON.stringify([taskId]))
    .run();
  await sweep(engine);
  expect(await versionsOf(engine, taskId)).toEqual([['CRASHED', 'first']]);
});

it('a task that expires before its retry keeps the version of the attempt that it had', async () => {
  const engine = await anEngine([scripted]);
  const { taskId } = await enqueueOne(engine, {
    definition: scripted,
    input: { do: ['throw', 'succeed'] },
    options: { expires: 600 },
  });
  await engine.deliver();
  engine.settings.version = SECOND;
  await env.DB.prepare('UPDATE tasks SET due_at = 0, wake_at = 0, expires_at = 1 WHERE id = ?').bind(taskId).run();
  // Without the maintenance run, which revokes it without starting it: the delivery starts it, and finds that it has expired.
  await engine.deliver();

  expect(await rowOf(taskId)).toMatchObject({ state: 'REVOKED' });
  expect((await findTask(engine, taskId)).version).toEqual(FIRST);
});

it('a list by version finds tasks by its id and by its tag, also those that run', async () => {
  const seen: string[] = [];
  const looking = defineTask({
    name: 'test.looking',
    input: z.unknown(),
    output: z.unknown(),
    async run(_, { id }) {
      const running = await listTasks(
        engine,
        { version: FIRST.id, state: 'STARTED' },
        { limit: 10, before: undefined },
      );
      seen.push(...running.map((task) => (task.id === id ? 'itself' : task.id)));
    },
  });
  const engine = await anEngine([looking, scripted]);
  const [one] = await enqueue(engine, [{ definition: looking, input: null }]);
  await engine.deliver();
  engine.settings.version = SECOND;
  const [other] = await enqueue(engine, [{ definition: scripted, input: {} }]);
  await engine.deliver();

  expect(seen).toEqual(['itself']);
  const found = async (version: string) =>
    (await listTasks(engine, { version }, { limit: 10, before: undefined })).map(({ id }) => id);
  expect(await found('first')).toContain(one?.taskId);
  expect(await found(FIRST.id)).toContain(one?.taskId);
  expect(await found(SECOND.id)).toEqual([other?.taskId]);
  expect(await found('neither')).toEqual([]);
});
