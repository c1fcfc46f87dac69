// The header Idempotency-Key: every POST and PUT route takes it, refuses it, or has no second effect anyway.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { operationsOf, readDocument } from '../support/openapi.ts';
import { aPng } from '../support/photos.ts';
import { anAdminKey, type Call, call, countRows, problemOf, reply, run } from '../support/worker.ts';

interface Accepted {
  task_id?: string;
  workflow_id?: string;
  file?: string;
  files?: { task_id: string; file: string }[];
  duplicate?: boolean;
  since?: string;
}

const key = await anAdminKey();
const red = aPng(20, 10, [200, 0, 0, 255]);
const blue = aPng(20, 10, [0, 0, 200, 255]);

function form(files: [name: string, bytes: Uint8Array | string][], fields: Record<string, string> = {}): Call {
  const body = new FormData();
  for (const [name, bytes] of files) body.append('file', new File([bytes], name, { type: 'image/png' }));
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return { body };
}

/** The keys of the files that are there. */
async function uploads(): Promise<string[]> {
  const { objects } = await env.FILES.list({ prefix: 'uploads/' });
  return objects.map((object) => object.key).sort();
}

const model = (title: string) => ({ json: { title, blocks: [{ type: 'paragraph', text: 'Hello' }] } });
let pictures: string[];
beforeAll(async () => {
  const stored = [red, blue].map((bytes) => call('POST /upload/image', { key, ...form([['a.png', bytes]]) }));
  pictures = (await Promise.all(stored.map((upload) => reply<{ file: string }>(202, upload)))).map(({ file }) => file);
  await call('POST /schedules', { key, json: { name: 'keyed', task: 'demo.echo', input: { value: 1 }, every: 3600 } });
});

/** [route, one request, requests under the same idempotency key that differ from it] */
const ROUTES: [line: string, one: () => Call, others: () => Call[]][] = [
  ['POST /process', () => ({ json: { name: 'Ada' } }), () => [{ json: { name: 'Bob' } }]],
  ['POST /documents', () => model('One'), () => [model('Two')]],
  [
    'POST /upload/image',
    () => form([['a.png', red]], { width: '10' }),
    () => [
      form([['a.png', blue]], { width: '10' }),
      form([['b.png', red]], { width: '10' }),
      form([['a.png', red]], { width: '11' }),
      form([['a.png', red]]),
    ],
  ],
  [
    'POST /upload/document',
    () => form([['a.csv', 'a,b\n1,2\n']], { delimiter: ',' }),
    () => [
      form([['a.csv', 'a,b\n1,3\n']], { delimiter: ',' }),
      form([['b.csv', 'a,b\n1,2\n']], { delimiter: ',' }),
      form([['a.csv', 'a,b\n1,2\n']], { delimiter: ';' }),
    ],
  ],
  [
    'POST /upload/images',
    () =>
      form([
        ['a.png', red],
        ['b.png', blue],
      ]),
    () => [
      form([['a.png', red]]),
      form([
        ['a.png', blue],
        ['b.png', red],
      ]),
      form(
        [
          ['a.png', red],
          ['b.png', blue],
        ],
        { width: '11' },
      ),
    ],
  ],
  ['POST /batch/images', () => ({ json: { files: pictures } }), () => [{ json: { files: pictures.slice(1) } }]],
  [
    'POST /tasks/revoke',
    () => ({ json: { filter: { tag: 'no-task-has-this' } } }),
    () => [{ json: { filter: { tag: 'no-task-has-that' } } }],
  ],
  [
    'POST /tasks/retry',
    () => ({ json: { filter: { tag: 'no-task-has-this' } } }),
    () => [{ json: { filter: { tag: 'no-task-has-that' } } }],
  ],
];

describe.each(ROUTES)('%s', (line, one, others) => {
  const send = (idempotencyKey: string, { body, json }: Call) =>
    call(line, { key, headers: { 'idempotency-key': idempotencyKey }, ...(body ? { body } : { json }) });

  it('gives the first task to the same request, and stores and enqueues nothing', async () => {
    const idempotencyKey = crypto.randomUUID();
    const first = await reply<Accepted>(202, send(idempotencyKey, one()));
    const before = [await countRows('tasks'), await uploads()];
    const second = await reply<Accepted>(202, send(idempotencyKey, one()));

    expect(first).not.toHaveProperty('duplicate');
    expect(second).toEqual({ ...first, duplicate: true, since: expect.stringMatching(/^20.*Z$/) });
    expect([await countRows('tasks'), await uploads()]).toEqual(before);
  });

  it('refuses another request under the same idempotency key, and leaves the first one’s files', async () => {
    const idempotencyKey = crypto.randomUUID();
    await reply(202, send(idempotencyKey, one()));
    const before = [await countRows('tasks'), await uploads()];

    for (const other of others()) {
      expect(await problemOf(send(idempotencyKey, other))).toMatchObject({ status: 409, code: 'idempotency_conflict' });
    }
    expect([await countRows('tasks'), await uploads()]).toEqual(before);
  });

  it('makes a task for each of two idempotency keys, and without any', async () => {
    const replies = [
      await reply<Accepted>(202, send(crypto.randomUUID(), one())),
      await reply<Accepted>(202, send(crypto.randomUUID(), one())),
      await reply<Accepted>(202, call(line, { key, ...one() })),
    ];

    expect(new Set(replies.map(({ task_id }) => task_id)).size).toBe(3);
  });

  it.each(['', 'x'.repeat(256)])('refuses the idempotency key %j', async (idempotencyKey) => {
    const problem = await problemOf(send(idempotencyKey, one()));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'idempotency-key' }] });
  });
});

it('one of two equal uploads at the same time is the duplicate of the other', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const sent = [1, 2, 3].map(() => call('POST /upload/image', { key, headers, ...form([['a.png', red]]) }));
  const replies = await Promise.all(sent.map((response) => reply<Accepted>(202, response)));

  expect(new Set(replies.map(({ task_id, file }) => `${task_id} ${file}`)).size).toBe(1);
  expect(replies.filter(({ duplicate }) => duplicate)).toHaveLength(2);
  expect(await uploads()).toContain(replies[0]?.file);
});

it('an upload whose first file is gone is another request', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const upload = () => call('POST /upload/image', { key, headers, ...form([['a.png', red]]) });
  const { file } = await reply<Accepted>(202, upload());
  await env.FILES.delete(file ?? '');

  expect(await problemOf(upload())).toMatchObject({ status: 409, code: 'idempotency_conflict' });
});

it('a schedule that is run twice under one idempotency key runs once', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const first = await reply<{ task_id: string }>(202, call('POST /schedules/keyed/run', { key, headers }));

  expect(await reply(202, call('POST /schedules/keyed/run', { key, headers }))).toMatchObject({
    task_id: first.task_id,
    duplicate: true,
  });
});

describe('a schedule whose input names the time', () => {
  const value = '{{scheduled_at}}';
  const step = { name: 'demo.echo', input: { value } };

  it.each([
    ['task', { task: step }],
    ['workflow', { workflow: { chain: [step, { ...step, immutable: true }] } }],
  ])('of a %s that is run twice under one idempotency key runs once', async (_, what) => {
    const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const name of [one, other])
      await reply(201, call('POST /schedules', { key, json: { name, ...what, every: 3600 } }));
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const first = await reply<Accepted>(202, call(`POST /schedules/${one}/run`, { key, headers }));
    await scheduler.wait(5);
    const again = await reply<Accepted>(202, call(`POST /schedules/${one}/run`, { key, headers }));
    expect(again).toMatchObject({ task_id: first.task_id, duplicate: true, since: expect.any(String) });
    const problem = await problemOf(call(`POST /schedules/${other}/run`, { key, headers }));
    expect(problem).toMatchObject({ status: 409, code: 'idempotency_conflict' });
  });
});

it('a backfill that is asked for twice under one idempotency key is one', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const [from, to] = [3, 1].map((hours) => new Date(Date.now() - hours * 3_600_000).toISOString());
  const send = (json: object) => call('POST /schedules/keyed/backfill', { key, headers, json });
  const first = await reply<Accepted>(202, send({ from, to }));

  expect(first).not.toHaveProperty('duplicate');
  expect(await reply(202, send({ from, to }))).toMatchObject({
    ...{ task_id: first.task_id, duplicate: true, since: expect.stringMatching(/^20.*Z$/) },
  });
  expect(await problemOf(send({ from: to, to }))).toMatchObject({ status: 409, code: 'idempotency_conflict' });
});

it('a fork that is asked for twice under one idempotency key is one, and another one is refused', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const { task_id: one } = await run(key, 'demo.steps', { names: ['a', 'b'] });
  const { task_id: other } = await run(key, 'demo.steps', { names: ['a', 'b'] });
  const send = (id: string, from_step: string) => call(`POST /tasks/${id}/fork`, { key, headers, json: { from_step } });
  const first = await reply<Accepted>(202, send(one, 'a'));

  expect(await reply(202, send(one, 'a'))).toMatchObject({ task_id: first.task_id, duplicate: true });
  for (const different of [send(one, 'b'), send(other, 'a')])
    expect(await problemOf(different)).toMatchObject({ status: 409, code: 'idempotency_conflict' });
});

/** Routes that refuse the header, and what their refusal says. */
const REFUSING = {
  'POST /tasks/batch': 'idempotency_key',
  'POST /keys': 'shown once',
  'POST /tasks/{id}/retry': 'until the task has ended',
  'POST /workflows/{id}/retry': 'until the workflow has ended',
  'PUT /files/{key}': 'a file of its own',
  'POST /events': 'Give the event an `id`',
  'POST /tasks/{id}/approvals': 'decided once',
};

/** Routes whose second request has no second effect, and why. */
const HARMLESS = {
  'POST /tasks/{id}/revoke': 'a final task is not revoked',
  'POST /workflows/{id}/revoke': 'a final workflow is not revoked',
  'POST /queues/{name}/pause': 'the queue is paused already',
  'POST /queues/{name}/resume': 'the queue is resumed already',
  'POST /schedules': 'the name is taken',
  'POST /users/register': 'the address is taken',
  'POST /files/{key}/sign': 'it changes nothing',
  'POST /session': 'signing in again changes nothing',
  'POST /approve/{token}': 'it is decided once',
  'POST /unsubscribe/{token}': 'the address is unsubscribed already',
  'POST /webhooks/resend': 'the same event changes nothing',
  'POST /webhooks/postmark': 'the same event changes nothing',
};

it.each(Object.entries(REFUSING))('%s refuses the header', async (route, words) => {
  const line = route.replace(/\{\w+\}/, crypto.randomUUID());
  const problem = await problemOf(call(line, { key, json: {}, headers: { 'idempotency-key': 'k' } }));

  expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'idempotency-key' }] });
  expect(problem.errors?.[0]?.message).toContain(words);
});

it('no POST or PUT route ignores the header', async () => {
  const operations = operationsOf(await readDocument()).filter(({ name }) => /^(POST|PUT) /.test(name));
  const taking = operations.filter(({ parameters = [] }) =>
    parameters.some((parameter) => (parameter as { name: string }).name === 'idempotency-key'),
  );
  const known = [...taking.map(({ name }) => name), ...Object.keys(REFUSING), ...Object.keys(HARMLESS)];

  expect(taking.map(({ name }) => name)).toEqual(expect.arrayContaining(ROUTES.map(([line]) => line)));
  expect(operations.map(({ name }) => name).sort()).toEqual(known.sort());
});
