import { beforeAll, describe, expect, it } from 'vitest';
import { unsafeIntegersOf } from '../../../src/http/middleware/refuse-unsafe-integers.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anAdminKey, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

const ID = '1970670598291982290';

let key: string;
beforeAll(async () => {
  key = await anAdminKey();
});

const send = (line: string, body: string, type = 'application/json') =>
  call(line, { key, body, headers: { 'content-type': type } });

interface OpenApi {
  paths: Record<string, Record<string, { requestBody?: { content: Record<string, unknown> } }>>;
}

/** Every route of the OpenAPI document that takes JSON, as `POST /tasks`. */
async function routesWithJson(): Promise<string[]> {
  const { paths } = await reply<OpenApi>(200, call('GET /openapi.json'));
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { requestBody }]) =>
      requestBody?.content['application/json'] ? [`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, 'x')}`] : [],
    ),
  );
}

describe('an integer that a JSON number does not keep', () => {
  it('is refused by every route that takes JSON, with its path', async () => {
    const routes = await routesWithJson();
    expect(routes.length).toBeGreaterThanOrEqual(14);
    for (const line of routes) {
      const problem = await problemOf(send(line, `{"order":{"lines":[{"id":1},{"id":${ID}}]}}`));
      expect(problem, line).toMatchObject({ status: 422, code: 'unsafe_integer' });
      expect(problem.errors, line).toEqual([
        { path: 'order.lines.1.id', message: `A JSON number does not keep ${ID} exactly. Send it as text: "${ID}".` },
      ]);
    }
  });

  it.each([
    ['POST /tasks', `{"name":"demo.echo","input":{"value":{"id":${ID}}}}`, 'input.value.id'],
    [
      'POST /tasks/batch',
      `{"tasks":[{"name":"demo.echo","input":{"value":1}},{"name":"demo.echo","input":{"value":${ID}}}]}`,
      'tasks.1.input.value',
    ],
    ['POST /workflows', `{"chain":[{"name":"demo.echo","input":{"value":${ID}}}]}`, 'chain.0.input.value'],
    [
      'POST /schedules',
      `{"name":"s","task":{"name":"demo.echo","input":{"value":${ID}}},"every":60}`,
      'task.input.value',
    ],
    ['POST /process', `{"id":${ID}}`, 'id'],
    ['POST /documents', `{"blocks":[{"type":"table","columns":[{}],"rows":[[${ID}]]}]}`, 'blocks.0.rows.0.0'],
  ])('is refused by %s, and nothing is enqueued', async (line, body, path) => {
    const before = await countRows('tasks');
    const problem = await problemOf(send(line, body));
    expect(problem).toMatchObject({ status: 422, code: 'unsafe_integer', errors: [{ path }] });
    expect(await countRows('tasks')).toBe(before);
  });

  it('is refused whatever JSON the content type names', async () => {
    for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/vnd.api+json'])
      expect(await problemOf(send('POST /tasks', `{"id":${ID}}`, type))).toMatchObject({ code: 'unsafe_integer' });
  });

  it('comes back as it was sent when it is sent as text', async () => {
    const value = { id: ID, list: [ID], kept: 9007199254740991, fraction: 0.1, large: 1e25 };
    const sent = send('POST /tasks', JSON.stringify({ name: 'demo.echo', input: { value } }));
    const { task_id } = await reply<TaskJson>(202, sent);
    expect(await finish(key, task_id)).toMatchObject({ input: { value }, result: { value } });
  });
});

describe('the paths of unsafe integers', () => {
  it('are at most 100', () => {
    expect(unsafeIntegersOf(`[${Array(200).fill(ID).join()}]`)).toHaveLength(100);
  });

  it('are "" for the whole body', () => {
    expect(unsafeIntegersOf(ID)).toMatchObject([{ path: '' }]);
  });

  it('are those of the values that are read: the last one of a name that is there twice', () => {
    expect(unsafeIntegersOf(`{"a":${ID},"a":1}`)).toEqual([]);
    expect(unsafeIntegersOf(`{"a":1,"a":${ID},"__proto__":{"b":${ID}}}`)).toMatchObject([
      { path: 'a' },
      { path: '__proto__.b' },
    ]);
  });

  it('are none in a text that is not JSON', () => {
    expect(unsafeIntegersOf(`{"a":${ID}`)).toEqual([]);
  });

  it('have a message of a line, however long the number is', () => {
    const [issue] = unsafeIntegersOf('7'.repeat(1000));
    expect(issue!.message.length).toBeLessThan(200);
  });
});
