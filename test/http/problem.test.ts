import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/index.ts';
import { PROBLEMS } from '../../src/http/problem.ts';
import { aTask } from '../support/a-task.ts';
import { aKey, anApp, awayDb, call, countRows, problemOf } from '../support/worker.ts';

const SECRET = 'planted-secret-7f3a';
const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 };

describe('a refusal', () => {
  it('is a problem document, also where there is no route', async () => {
    for (const line of ['GET /nowhere', 'DELETE /tasks', 'POST /healthz', 'GET /users/register']) {
      expect(await problemOf(call(line)), line).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it('carries the request id that the caller sent, or one of its own', async () => {
    const mine = await problemOf(call('GET /nowhere', { headers: { 'x-request-id': 'mine-1' } }));
    const own = await problemOf(call('GET /nowhere'));

    expect(mine.request_id).toBe('mine-1');
    expect(own.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names the path that was asked for, without its query', async () => {
    expect((await problemOf(call('GET /nowhere?token=secret'))).instance).toBe('/nowhere');
  });

  it('has a status and a title for every code', () => {
    for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
      expect(code).toMatch(/^[a-z][a-z_]*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).toMatch(/^[A-Z]/);
    }
  });
});

describe('an unexpected error', () => {
  it('is 500 with always the same words, and goes to the log with the request id', async () => {
    const broken = { ...createFiles(env.FILES), stat: () => Promise.reject(new Error(SECRET)) };
    const { call: request, engine } = await anApp({ files: broken });

    const response = await request('GET /files/uploads/x');
    const { request_id, ...problem } = await problemOf(response);

    expect(problem).toEqual({
      type: expect.stringContaining('#internal_error'),
      title: PROBLEMS.internal_error.title,
      status: 500,
      instance: '/files/uploads/x',
      code: 'internal_error',
    });
    expect(JSON.stringify([...response.headers])).not.toContain(SECRET);
    expect(engine.complaints).toEqual([
      {
        message: 'request failed',
        fields: { request_id, method: 'GET', path: '/files/uploads/x', error: expect.any(Error) },
      },
    ]);
  });

  it('is 500 also when it is no Error', async () => {
    const broken = { ...createFiles(env.FILES), stat: () => Promise.reject(SECRET) };
    const { call: request } = await anApp({ files: broken });

    const response = await Promise.resolve(request('GET /files/uploads/x')).catch((thrown: unknown) => thrown);

    expect(response).toBeInstanceOf(Response);
    expect((await problemOf(response as Response)).code).toBe('internal_error');
  });

  it('is no harm to a known caller when the limiter does not answer, as after a deploy', async () => {
    const { call: request } = await anApp({ settings, allow: () => Promise.reject(new Error(SECRET)) });
    const { key } = await aKey();

    const response = await request('GET /tasks', { key });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toContain(SECRET);
    expect((await request('GET /tasks', { key: `errand_${crypto.randomUUID()}` })).status).toBe(401);
  });
});

describe('while D1 is away', () => {
  const id = crypto.randomUUID();
  const echo = { name: 'demo.echo', input: { value: 1 } };
  const person = { email: 'a@example.com', password: 'long enough' };

  it.each([
    ['POST /tasks', echo],
    ['POST /tasks', { ...echo, options: { idempotency_key: 'k', background: true } }],
    ['POST /tasks/batch', { tasks: [echo] }],
    ['GET /tasks', undefined],
    [`GET /tasks/${id}`, undefined],
    [`GET /tasks/${id}?wait=1`, undefined],
    [`GET /tasks/${id}/attempts`, undefined],
    [`GET /tasks/${id}/result`, undefined],
    [`POST /tasks/${id}/revoke`, undefined],
    [`POST /tasks/${id}/retry`, undefined],
    ['POST /users/register', person],
    ['GET /mailbox', undefined],
  ])('%s answers 503 and when to come back', async (line, json) => {
    const db = awayDb(`D1_ERROR: Network connection lost. ${SECRET}`);
    const { call: request, engine } = await anApp({}, { db });

    const response = await request(line, json === undefined ? {} : { json });

    expect(response.headers.get('retry-after')).toBe('5');
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 503, code: 'store_unavailable' });
    expect(JSON.stringify(problem)).not.toContain(SECRET);
    expect(Object.values(engine.sent).flat(), 'no ring').toEqual([]);
  });

  it('a key cannot be read, and that is 503, not 401', async () => {
    const { call: request } = await anApp({ settings }, { db: awayDb() });

    expect((await problemOf(request('GET /tasks', { key: `errand_${crypto.randomUUID()}` }))).status).toBe(503);
  });

  it('nothing is half done: no row, no payload, and a revoked task is as it was', async () => {
    const { id: waiting } = await aTask();
    const { call: request } = await anApp({}, { db: awayDb() });
    const before = [await countRows('tasks'), await countRows('users')];
    const payloads = async () => (await env.FILES.list({ prefix: 'payloads/' })).objects.length;

    await request('POST /tasks', { json: { ...echo, input: { value: 'x'.repeat(100_000) } } });
    await request('POST /users/register', { json: person });
    await request(`POST /tasks/${waiting}/revoke`);

    expect([await countRows('tasks'), await countRows('users')]).toEqual(before);
    expect(await payloads()).toBeLessThanOrEqual(1); // unclear whether its row was committed: the sweep prunes it
    const row = await env.DB.prepare('SELECT state FROM tasks WHERE id = ?').bind(waiting).first('state');
    expect(row).toBe('PENDING');
  });
});
