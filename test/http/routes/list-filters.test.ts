// Every pair and triple of parameters of every list, through HTTP, against a plain filter over the rows that the test wrote.
// The parameters are those of the OpenAPI document: one without values here fails the test.
import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { suppress } from '../../../src/mail/store.ts';
import { aTask } from '../../support/a-task.ts';
import { type Choice, crossed, fitting, type Meanings } from '../../support/crossed.ts';
import { fillPath, operationsOf, type Parameter, readDocument } from '../../support/openapi.ts';
import { SEEDED_TASKS, seedTasks, TASK_FILTERS } from '../../support/seeded-tasks.ts';
import { anApp, problemOf, reply } from '../../support/worker.ts';

interface List {
  /** The field of an item that names it. */
  id: string;
  /** Writes the rows. Returns the id of each, in the order of the list, with what the filters need. */
  write(): Promise<readonly { id: string }[]>;
  // biome-ignore lint/suspicious/noExplicitAny: each list has rows of its own kind.
  filters: Meanings<any>;
}

interface Page {
  items: Record<string, string>[];
  next_cursor: string | null;
}

const COUNT = 60;
const numbered = Array.from({ length: COUNT }, (_, n) => `${n}`.padStart(4, '0'));
const newestFirst = numbered.map((n) => `01a20de3-${n}-7000-8000-000000000000`).reverse();

/** A third of them have a name, half of them a tag. */
const workflows = newestFirst.map((id, index) => ({
  ...{ id, name: index % 3 === 0 ? 'nightly' : null, tags: index % 2 === 0 ? ['etl'] : [] },
}));

const LISTS: Record<string, List> = {
  'GET /tasks': {
    id: 'task_id',
    async write() {
      await seedTasks();
      return SEEDED_TASKS;
    },
    filters: TASK_FILTERS,
  },
  'GET /workflows': {
    id: 'workflow_id',
    async write() {
      await env.DB.batch([
        env.DB.prepare('DELETE FROM workflows'),
        ...workflows.map(({ id, name, tags }) =>
          env.DB.prepare(
            `INSERT INTO workflows (id, result_task_id, total, done, created_at, name, tags) VALUES (?, ?, 1, 0, 0, ?, ?)`,
          ).bind(id, SEEDED_TASKS[0]!.id, name, JSON.stringify(tags)),
        ),
        ...workflows.flatMap(({ id, tags }) =>
          tags.map((tag) => env.DB.prepare('INSERT INTO workflow_tags (tag, workflow_id) VALUES (?, ?)').bind(tag, id)),
        ),
      ]);
      return workflows;
    },
    filters: {
      text: ['01a20de3-001', '00000000'].map((text) => [
        text,
        ({ id }: { id: string }) => id.startsWith(text) || id.endsWith(text),
      ]),
      name: [['nightly', ({ name }: { name: string | null }) => name === 'nightly']],
      tag: [['etl', ({ tags }: { tags: string[] }) => tags.includes('etl')]],
    },
  },
  'GET /mailbox': {
    id: 'id',
    async write() {
      const mail = JSON.stringify({ from: 'a@example.com', to: 'b@example.com', subject: 'a' });
      const insert = env.DB.prepare(
        'INSERT INTO mailbox (id, idempotency_key, mail, received_at) VALUES (?1, ?1, ?2, 0)',
      );
      await env.DB.batch(newestFirst.map((id) => insert.bind(id, mail)));
      return newestFirst.map((id) => ({ id }));
    },
    filters: {},
  },
  'GET /suppressions': {
    id: 'address',
    async write() {
      const addresses = numbered.map((n) => `${n}@example.com`);
      const row = { reason: 'bounce' as const, detail: null, provider: 'resend', createdAt: 0 };
      for (const address of addresses) await suppress(env.DB, { ...row, address });
      return addresses.map((id) => ({ id }));
    },
    filters: {},
  },
  'GET /schedules': {
    id: 'name',
    async write() {
      const entry = JSON.stringify({ task: 'demo.echo', input: {}, every: 60 });
      const insert = env.DB.prepare(
        "INSERT INTO schedules (name, source, entry, next_at, created_at) VALUES (?, 'api', ?, 9e14, 0)",
      );
      await env.DB.batch([
        env.DB.prepare("DELETE FROM schedules WHERE source = 'api'"),
        ...numbered.map((n) => insert.bind(n, entry)),
      ]);
      // The first request writes those that are in code.
      await app.call('GET /schedules');
      const { results } = await env.DB.prepare('SELECT name AS id FROM schedules ORDER BY name').all<{ id: string }>();
      return results;
    },
    filters: {},
  },
  'GET /approvals': {
    id: 'title',
    async write() {
      const insert = env.DB.prepare(
        `INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, about, started_at, until, attempt, tries)
         VALUES (?4, ?1, 1, ?2, 'approval', 'open', json_object('title', ?1), ?3, 8e15, 1, 0)`,
      );
      const { id: taskId } = await aTask({ state: 'RETRY' });
      // Three of them were asked in each millisecond, by the same task.
      await env.DB.batch(numbered.map((n, index) => insert.bind(n, index, Math.floor(index / 3), taskId)));
      return numbered.map((id) => ({ id }));
    },
    filters: {},
  },
  'GET /keys': {
    id: 'prefix',
    async write() {
      const insert = env.DB.prepare(
        "INSERT INTO api_keys (hash, prefix, name, scopes, created_at) VALUES (?1, ?1, '', '[]', ?2)",
      );
      // Three of them were made in each millisecond.
      await env.DB.batch(numbered.map((n, index) => insert.bind(n, Math.floor(index / 3))));
      const select = 'SELECT prefix AS id FROM api_keys ORDER BY created_at DESC, prefix';
      return (await env.DB.prepare(select).all<{ id: string }>()).results;
    },
    filters: {},
  },
  'GET /files': {
    id: 'file',
    async write() {
      const keys = ['outputs', 'uploads'].flatMap((folder) => numbered.map((n) => `${folder}/${n}/a.txt`));
      for (const key of keys) await env.FILES.put(key, 'a', { customMetadata: { filename: 'a.txt' } });
      return keys.map((id) => ({ id }));
    },
    filters: {
      prefix: ['uploads', 'outputs'].map((wanted) => [wanted, ({ id }: { id: string }) => id.startsWith(wanted)]),
    },
  },
};

/** Operations with two parameters that are no list. */
const NO_LISTS = {
  'GET /files/{key}': 'The two parameters of a signed link are of use only together: authorize-link.test.ts.',
};

/** Less than the default of each list, and than the rows that most filters leave. */
const LIMIT = 3;

const document = await readDocument();
const lists = operationsOf(document)
  .map(({ name, parameters }) => ({ name, parameters: parameters.filter(({ in: place }) => place === 'query') }))
  .filter(({ name, parameters }) => parameters.length > 1 && !(name in NO_LISTS));
const app = await anApp();

async function get(name: string, query: Record<string, string>): Promise<Page> {
  return reply<Page>(200, app.call(`${name}?${new URLSearchParams(query)}`));
}

const defaultOf = (parameters: readonly Parameter[], wanted: string) =>
  parameters.find(({ name }) => name === wanted)?.schema.default;

/** The values of filters that stand where the query names none. */
function defaultsOf(parameters: readonly Parameter[], { filters }: List, given: readonly string[]): Choice<unknown>[] {
  return Object.entries(filters).flatMap(([parameter, values]) => {
    const [value, means] = values.find(([one]) => one === defaultOf(parameters, parameter)) ?? [];
    return means && value !== undefined && !given.includes(parameter) ? [{ parameter, value, means }] : [];
  });
}

it('the lists are those that have several parameters', () => {
  expect(lists.map(({ name }) => name).sort()).toEqual(Object.keys(LISTS).sort());
  expect(Object.keys(NO_LISTS).every((name) => operationsOf(document).some((one) => one.name === name))).toBe(true);
});

describe.each(lists)('$name', ({ name, parameters }) => {
  const list = LISTS[name]!;
  let rows: readonly { id: string }[];
  beforeAll(async () => {
    rows = await list.write();
  });

  it('has a value here for each of its parameters', () => {
    const known = [...Object.keys(list.filters), 'limit', 'cursor'];
    expect(parameters.map((parameter) => parameter.name).sort()).toEqual(known.sort());
  });

  const anything = () => true;
  // The value of a cursor is that of the page before.
  const meanings = {
    ...list.filters,
    limit: [[`${LIMIT}`, anything]],
    cursor: [['', anything]],
  } as typeof list.filters;

  it.each(crossed(meanings))('by %s', async (_, combinations) => {
    let found = 0;
    for (const choices of combinations) {
      const query = Object.fromEntries(choices.map(({ parameter, value }) => [parameter, value]));
      const given = Object.keys(query);
      const wanted = fitting(rows, [...choices, ...defaultsOf(parameters, list, given)]).map(({ id }) => id);
      const label = JSON.stringify(query);
      let skipped = 0;
      if (given.includes('cursor')) {
        const { next_cursor } = await get(name, { ...without(query, 'cursor'), limit: '1' });
        expect(next_cursor !== null, `${label}: a second page`).toBe(wanted.length > 1);
        if (next_cursor === null) continue;
        query.cursor = next_cursor;
        skipped = 1;
      }
      const limit = Number(query.limit ?? defaultOf(parameters, 'limit'));
      const { items, next_cursor } = await get(name, query);
      const ids = items.map((item) => item[list.id]);

      expect(ids, label).toEqual(wanted.slice(skipped, skipped + limit));
      expect(next_cursor !== null, `${label}: a next page`).toBe(wanted.length > skipped + limit);
      found += ids.length;
    }
    expect(found).toBeGreaterThan(0);
  });
});

function without(query: Record<string, string>, parameter: string): Record<string, string> {
  return Object.fromEntries(Object.entries(query).filter(([name]) => name !== parameter));
}

describe('a parameter that a route does not have', () => {
  const routes = operationsOf(document)
    .filter(({ method, parameters }) => method === 'GET' && parameters.some(({ in: place }) => place === 'query'))
    .filter(({ name }) => !(name in NO_LISTS));

  it.each(routes)('is refused by $name, which says what there is', async ({ name, path, parameters }) => {
    const problem = await problemOf(app.call(`GET ${fillPath(path)}?colour=red`));
    const known = parameters.filter(({ in: place }) => place === 'query').map((parameter) => parameter.name);

    expect(problem, name).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map(({ message }) => message)).toEqual([
      `There is no field "colour" here. The fields are ${known.join(', ')}.`,
    ]);
  });

  it.each(['/queues', '/definitions', '/tasks/x/attempts', '/tasks/x/steps'])(
    'is refused by GET %s, which has none',
    async (path) => {
      const problem = await problemOf(app.call(`GET ${path.replace('x', crypto.randomUUID())}?name=demo.echo`));
      expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'name' }] });
    },
  );
});
