import { env } from 'cloudflare:workers';
import { beforeEach, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask, listAttempts } from '../../src/engine/manage.ts';
import { demoPushTasks } from '../../src/tasks/demo-push.ts';
import { makeEngine } from '../support/engine.ts';

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM tasks').run();
});

it.each(['demo.push', 'demo.push_one'])('%s ends each message as its device does', async (name) => {
  const engine = await makeEngine([], { registry: createRegistry(demoPushTasks) });
  const definition = engine.registry.get(name)!;
  const devices = ['phone', 'gone-tablet', 'busy-watch'];
  const receipts = await enqueue(
    engine,
    devices.map((device) => ({ definition, input: { device, api_ms: 1 } })),
  );
  await engine.drain();
  const tasks = await Promise.all(receipts.map(({ taskId }) => findTask(engine, taskId)));
  expect(tasks.map(({ state, attempts, error }) => [state, attempts, error?.code])).toEqual([
    ['SUCCESS', 1, undefined],
    ['FAILURE', 1, 'unregistered'],
    ['SUCCESS', 2, undefined],
  ]);
  const [phone] = tasks;
  const message_id = `message-${phone?.id}`;
  expect(phone?.result).toEqual({ json: JSON.stringify({ device: 'phone', message_id }) });
  const [attempt] = await listAttempts(engine, tasks[1]!.id);
  expect(attempt?.logs).toMatchObject([{ message: 'not pushed', fields: { status: 'unregistered' } }]);
});
