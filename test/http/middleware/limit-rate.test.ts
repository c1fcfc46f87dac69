// A limiter that does not answer: unknown callers are refused for a while, known callers pass.
import { expect, it } from 'vitest';
import { aKey, anApp, countRows, problemOf } from '../../support/worker.ts';

const failures: [string, () => Promise<never>][] = [
  ['rejects', () => Promise.reject(new Error('a secret of the limiter'))],
  [
    'throws',
    () => {
      throw new Error('a secret of the limiter');
    },
  ],
];

const unknownCallers: [string, (key: string) => object][] = [
  ['POST /users/register', () => ({ email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' })],
  ['POST /session', (key) => ({ key })],
];

it.each(unknownCallers.flatMap(([line, json]) => failures.map(([how, allow]) => ({ line, how, json, allow }))))(
  '$line is 503 with Retry-After while the limiter $how',
  async ({ line, json, allow }) => {
    const { call: request, engine } = await anApp({ allow });
    const { key } = await aKey();
    const users = await countRows('users');

    const response = await request(line, { json: json(key) });

    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('set-cookie')).toBeNull();
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 503, code: 'limiter_unavailable' });
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(await countRows('users')).toBe(users);
    expect(engine.complaints.map(({ message }) => message)).toEqual(['the request limiter did not answer']);
  },
);

it.each(failures)(
  'a caller with a valid API key passes while the limiter %s, and the log says so',
  async (_, allow) => {
    const { call: request, engine } = await anApp({ allow, settings: { AUTH: 'keys' } });
    const { key } = await aKey();

    expect((await request('GET /tasks', { key })).status).toBe(200);
    expect((await request('GET /tasks', { key: 'errand_unknown' })).status).toBe(401);
    expect(engine.complaints.map(({ message }) => message)).toEqual(['the request limiter did not answer']);
  },
);
