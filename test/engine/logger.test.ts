// Log lines: which task or request they are about, and no secret in them.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { chain, defineTask } from '../../src/engine/index.ts';
import { consoleLogger, createRegistry, enqueue, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { aKey, anApp, awayDb, ORIGIN } from '../support/worker.ts';

type Line = Record<string, unknown>;

let text: string[];
beforeEach(() => {
  text = [];
  for (const method of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line: string) => void text.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const lines = () => text.map((line) => JSON.parse(line) as Line);
const linesOf = (message: string) => lines().filter((line) => line.message === message);

const talking = defineTask({
  name: 'test.talking',
  input: z.object({ token: z.string().startsWith('token-').default('token-none'), fail: z.boolean().default(false) }),
  output: z.object({}),
  retry: { max: 0 },
  run({ fail }, ctx) {
    ctx.log('half done', { percent: 50, task_id: 'another task', level: 'fatal', message: 'another' });
    if (fail) throw new TypeError('the provider said no');
    return {};
  },
});

describe('the lines of a task', () => {
  it('carry its id, name, queue, attempt and workflow', async () => {
    const engine = await makeEngine([talking], { logger: consoleLogger });
    useEngine(engine);
    const { workflowId } = await chain(talking.si({}), talking.si({ fail: true })).enqueue();
    await engine.drain();

    const failed = { task: 'test.talking', queue: 'default', attempt: 1, workflow_id: workflowId };
    expect(linesOf('half done')).toMatchObject([
      { level: 'info', percent: 50, ...failed },
      { level: 'info', percent: 50, ...failed },
    ]);
    expect(linesOf('task failed')).toMatchObject([
      { level: 'error', code: 'error', error: { type: 'TypeError', message: 'the provider said no' }, ...failed },
    ]);
    expect(linesOf('task failed')[0]?.task_id).toBe(linesOf('half done')[1]?.task_id);
  });

  it('name no workflow where there is none, and keep their own fields whatever fields the task adds', async () => {
    const engine = await makeEngine([talking], { logger: consoleLogger });
    const [receipt] = await enqueue(engine, [{ definition: talking, input: {} }]);
    await engine.drain();

    const [line] = linesOf('half done');
    expect(line).toMatchObject({ level: 'info', task_id: receipt?.taskId, percent: 50 });
    expect(line).not.toHaveProperty('workflow_id');
  });

  it('hold no input, also where the input no longer fits', async () => {
    const engine = await makeEngine([talking], { logger: consoleLogger });
    const receipts = await enqueue(engine, [
      { definition: talking, input: { token: 'token-planted-in-the-input', fail: true } },
      { definition: talking, input: {} },
    ]);
    const changed = JSON.stringify({ token: 'planted-in-the-row', fail: 'planted-in-the-row' });
    await env.DB.prepare('UPDATE tasks SET input = ? WHERE id = ?').bind(changed, receipts[1]!.taskId).run();
    await engine.drain();

    expect(
      linesOf('task failed')
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['error', 'invalid_input']);
    expect(text.join('\n')).not.toContain('planted');
  });
});

describe('the line of a request that fails', () => {
  it('has the request id of the reply, and neither headers, query nor body', async () => {
    const secret = 'planted-secret';
    const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 9, REGISTER_RATE_LIMIT: 9 };
    const away = { db: awayDb(), logger: consoleLogger, registry: createRegistry([talking]) };
    const closed = await anApp({ settings }, away);
    const open = await anApp({}, away);
    const authorization = `Bearer errand_${secret}-${secret}`;
    const responses = [
      await closed.call(`GET /tasks?tag=${secret}`, { origin: ORIGIN, headers: { authorization, cookie: secret } }),
      await open.call('POST /tasks', { json: { name: 'test.talking', input: { token: `token-${secret}` } } }),
      await open.call('POST /users/register', {
        json: { email: `${secret}@example.com`, password: `${secret} ${secret}` },
      }),
      await open.call(`GET /files/uploads/x?signature=${secret}`, { headers: { 'x-api-key': secret } }),
    ];

    const failures = linesOf('request failed');
    expect(failures.length).toBeGreaterThanOrEqual(3);
    for (const failure of failures) {
      expect(failure).toMatchObject({
        level: 'error',
        method: expect.any(String),
        path: expect.stringMatching(/^\/[^?]*$/),
      });
      expect(responses.map(({ headers }) => headers.get('x-request-id'))).toContain(failure.request_id);
    }
    expect(text.join('\n')).not.toContain(secret);
    for (const response of responses) expect(await response.text()).not.toContain(secret);
  });

  it('has the request id also when the request limiter does not answer', async () => {
    const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 9, REGISTER_RATE_LIMIT: 9 };
    const allow = () => Promise.reject(new Error('the object was reset'));
    const app = await anApp({ settings, allow }, { logger: consoleLogger });
    const { key } = await aKey();
    const response = await app.call('GET /queues', { key, origin: ORIGIN });

    expect(response.status).toBe(200);
    expect(linesOf('the request limiter did not answer')).toMatchObject([
      { level: 'warn', request_id: response.headers.get('x-request-id'), error: { message: 'the object was reset' } },
    ]);
    expect(text.join('\n')).not.toContain(key);
  });
});
