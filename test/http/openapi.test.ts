import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { sweep } from '../../src/engine/manage.ts';
import { suppress } from '../../src/mail/store.ts';
import { createContract } from '../support/contract.ts';
import { createJudge, faultsOfDocument, operationsOf, readDocument } from '../support/openapi.ts';
import { aPng } from '../support/photos.ts';
import { anAdminKey, anApp, call, finish } from '../support/worker.ts';

const document = await readDocument();
const judge = createJudge(document);
const key = await anAdminKey();

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', () => {
    expect(faultsOfDocument(document)).toEqual([]);
  });

  it('would not be with a field that OpenAPI does not know, or a schema that is none', async () => {
    const wrong = await readDocument();
    Object.assign(wrong.paths['/tasks']!.get!, { nonsense: true });

    expect(faultsOfDocument(wrong).join()).toContain('nonsense');
  });

  it('says of every operation what it does, what it answers and how it refuses', () => {
    for (const { name, responses } of operationsOf(document)) {
      expect(responses.default?.content, name).toHaveProperty('application/problem+json');
      // 101: a WebSocket.
      expect(
        Object.keys(responses).some((status) => status.startsWith('2') || status === '101'),
        name,
      ).toBe(true);
    }
  });

  it('allows the bodies that the API accepts, and refuses unknown fields as the API does', () => {
    const contract = createContract(document);
    const operation = contract.operations.find(({ name }) => name === 'POST /tasks')!;
    const body = { name: 'demo.echo', input: { value: 1 }, options: { background: true, tags: ['a'] } };

    expect(contract.misfitOf(operation, body)).toBeUndefined();
    expect(contract.misfitOf(operation, { ...body, args: [] })).toContain('additional properties');
  });

  it('lists the statuses of refusals: the usual ones, and those of the route alone', () => {
    const statusesOf = (wanted: string) => {
      const operation = operationsOf(document).find(({ name }) => name === wanted);
      return Object.keys(operation?.responses ?? {});
    };

    expect(statusesOf('GET /tasks')).toEqual(['200', '401', '403', '422', '429', 'default']);
    expect(statusesOf('POST /tasks/{id}/revoke')).toEqual(expect.arrayContaining(['404', '409', '413']));
    expect(statusesOf('GET /healthz')).toEqual(['200', '503', 'default']);
  });

  it('and every reply of the API is kept by no cache; over HTTPS browsers come back by HTTPS', async () => {
    const reply = await call('GET /tasks', { key });
    expect(reply.headers.get('cache-control')).toBe('no-store');
    expect(reply.headers.get('strict-transport-security')).toBe('max-age=31536000');
    const plain = await call('GET /tasks', { key, origin: 'http://errand.example' });
    expect(plain.headers.has('strict-transport-security')).toBe(false);
  });

  it('names the server it was asked at', () => {
    expect(document.servers).toEqual([{ url: 'https://errand.example' }]);
  });
});

describe('every reply fits its schema:', () => {
  const taskIdOf = (body: unknown) => (body as { task_id: string }).task_id;
  const post = (path: string, json: unknown) => call(`POST ${path}`, { key, json });
  const get = (path: string) => call(`GET ${path}`, { key });
  const check = async (name: string, response: Response | Promise<Response>) => judge(name, await response);

  it('a task that succeeds, with log lines and progress', async () => {
    const options = { tags: ['a'], expires: 3600 };
    const id = taskIdOf(await check('POST /tasks', post('/tasks', { name: 'demo.log', input: { lines: 2 }, options })));
    await finish(key, id);

    await check('GET /tasks/{id}', get(`/tasks/${id}`));
    await check('GET /task/{id}', get(`/task/${id}`));
    await check('GET /tasks/{id}/attempts', get(`/tasks/${id}/attempts`));
    await check('GET /tasks/{id}/{payload}', get(`/tasks/${id}/result`));
    await check('POST /tasks/{id}/retry', post(`/tasks/${id}/retry`, undefined));
  });

  it('a task that fails', async () => {
    const failing = { name: 'demo.fail', input: { message: 'no', permanent: true } };
    const id = taskIdOf(await check('POST /tasks', post('/tasks', failing)));
    await finish(key, id);

    await check('GET /tasks/{id}', get(`/tasks/${id}`));
    await check('GET /tasks/{id}/attempts', get(`/tasks/${id}/attempts`));
  });

  it('a task with a large result', async () => {
    const id = taskIdOf(await check('POST /tasks', post('/tasks', { name: 'demo.big', input: { bytes: 2_000_000 } })));
    await finish(key, id);

    await check('GET /tasks/{id}', get(`/tasks/${id}`));
  });

  it('a task that is revoked, and one that is a duplicate', async () => {
    const json = { name: 'demo.echo', input: { value: null }, options: { countdown: 99, idempotency_key: 'openapi' } };
    const id = taskIdOf(await check('POST /tasks', post('/tasks', json)));

    await check('POST /tasks', post('/tasks', json));
    await check('POST /tasks/{id}/revoke', post(`/tasks/${id}/revoke`, undefined));
  });

  it('a batch and a list', async () => {
    await check('POST /tasks/batch', post('/tasks/batch', { tasks: [{ name: 'demo.echo', input: { value: 1 } }] }));
    await check('GET /tasks', get('/tasks?limit=3'));
  });

  it('a user, the mail and the upload', async () => {
    const user = { email: 'openapi@example.com', password: 'long enough' };
    await finish(key, taskIdOf(await check('POST /users/register', post('/users/register', user))));
    const page = (await check('GET /mailbox', get('/mailbox'))) as { items: { id: string }[] };
    await check('GET /mailbox/{id}', get(`/mailbox/${page.items[0]?.id}`));

    const body = new FormData();
    body.append('file', new File([aPng(4, 4, [1, 2, 3, 255])], 'a.png'));
    await finish(key, taskIdOf(await check('POST /upload/image', call('POST /upload/image', { key, body }))));
  });

  it('a suppressed address and its release', async () => {
    const row = { address: 'openapi@gone.example', reason: 'bounce' as const, detail: null, provider: 'resend' };
    await suppress(env.DB, { ...row, createdAt: 1_790_000_000_000 });
    await check('GET /suppressions', get('/suppressions'));

    expect((await call('DELETE /suppressions/openapi@gone.example', { key })).status).toBe(204);
    await check('DELETE /suppressions/{address}', call('DELETE /suppressions/openapi@gone.example', { key }));
    await check('GET /unsubscribe/{token}', get('/unsubscribe/none'));
    await check('POST /unsubscribe/{token}', post('/unsubscribe/none', undefined));
    await check('POST /webhooks/resend', post('/webhooks/resend', {}));
    await check('POST /webhooks/postmark', post('/webhooks/postmark', {}));
  });

  it('the definitions, the keys and a session', async () => {
    await check('GET /definitions', get('/definitions'));
    const made = await check('POST /keys', post('/keys', { name: 'a', scopes: ['tasks:read'], expires_in: 60 }));
    await check('GET /keys', get('/keys'));
    await check('POST /session', post('/session', { key }));
    await check('POST /session', post('/session', { key: 'errand_nobody' }));
    await check('GET /session', get('/session'));
    await check('DELETE /keys/{prefix}', call(`DELETE /keys/${(made as { prefix: string }).prefix}`, { key }));
  });

  it('health, good and bad', async () => {
    await check('GET /healthz', call('GET /healthz'));
    const { engine, call: request } = await anApp();
    await sweep(engine);
    await check('GET /healthz', request('GET /healthz'));
  });

  it('refusals', async () => {
    await check('POST /tasks', post('/tasks', { name: 'email.send', input: {} }));
    await check('POST /tasks', call('POST /tasks'));
    await check('GET /tasks', get('/tasks?limit=0'));
    await check('GET /files/{key}', get('/files/none'));
    await check('POST /tasks/{id}/revoke', post(`/tasks/${crypto.randomUUID()}/revoke`, undefined));
  });
});
