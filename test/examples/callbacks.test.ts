import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it, vi } from 'vitest';
import guide from '../../docs/guides/callbacks.md?raw';
import receiver from '../../examples/callbacks.ts';
import source from '../../examples/callbacks.ts?raw';
import { createRegistry, enqueueOne, useEngine } from '../../src/engine/manage.ts';
import { allTasks } from '../../src/tasks/index.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

const WEBHOOK_SECRET = `whsec_${btoa('a secret that only the tests know')}`;

afterEach(() => vi.restoreAllMocks());

/** A callback as Errand sends it, and the id of its task. */
async function aCallback(): Promise<{ request: Request; taskId: string }> {
  const sent: Request[] = [];
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (url, init) => {
    sent.push(new Request(url, init));
    return new Response();
  });
  const engine = await makeEngine([], { registry: createRegistry([...allTasks({ demo: false }), scripted]) });
  engine.taskSettings.callbacks = { secret: WEBHOOK_SECRET, allowPrivate: false };
  useEngine(engine);
  const options = { callbackUrl: 'https://shop.example/hooks' };
  const { taskId } = await enqueueOne(engine, { definition: scripted, input: {}, options });
  await vi.waitUntil(async () => {
    await engine.deliver();
    return sent.length > 0;
  });
  return { request: sent[0]!, taskId };
}

it('the example of docs/guides/callbacks.md verifies a callback, whose headers are a Headers object', async () => {
  const { request, taskId } = await aCallback();
  expect(request.headers).toBeInstanceOf(Headers);
  const response = await receiver.fetch(request, { WEBHOOK_SECRET });
  expect(response.status).toBe(200);
  expect(await response.text()).toBe(`task.succeeded: task ${taskId} is SUCCESS`);
});

it('it refuses a body that was changed, another secret and a request without a signature', async () => {
  const { request } = await aCallback();
  const body = await request.clone().text();
  const changed = new Request(request, { body: body.replace('SUCCESS', 'FAILURE') });
  const bare = new Request(request.url, { method: 'POST', body });
  const others = `whsec_${btoa('a secret of another service here')}`;
  expect((await receiver.fetch(changed, { WEBHOOK_SECRET })).status).toBe(401);
  expect((await receiver.fetch(bare, { WEBHOOK_SECRET })).status).toBe(401);
  expect((await receiver.fetch(request, { WEBHOOK_SECRET: others })).status).toBe(401);
});

it('without the copy, the library finds no header', async () => {
  const { request } = await aCallback();
  const body = await request.text();
  const verify = (headers: unknown) => new Webhook(WEBHOOK_SECRET).verify(body, headers as Record<string, string>);
  expect(() => verify(request.headers)).toThrow('Missing required headers');
  expect(verify(Object.fromEntries(request.headers))).toHaveProperty('type', 'task.succeeded');
});

it('the guide shows the example as it is', () => {
  expect(guide).toContain(`\`\`\`ts\n// examples/callbacks.ts\n${source}\`\`\`\n`);
});
