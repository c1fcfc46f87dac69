import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { Scope } from '../../../src/access/index.ts';
import { fillPath, operationsOf, readDocument } from '../../support/openapi.ts';
import { aKey, anApp, call, ORIGIN, problemOf, reply } from '../../support/worker.ts';

const operations = operationsOf(await readDocument());
const guarded = operations.filter(({ scope }) => scope !== undefined);

/** Every scope that does not include the one asked for. */
const TOO_SMALL: Record<Scope, Scope[]> = {
  'tasks:read': ['tasks:write'],
  'tasks:write': ['tasks:read'],
  admin: ['tasks:read', 'tasks:write'],
};

const request = ({ method, path }: { method: string; path: string }, key?: string) =>
  call(`${method} ${fillPath(path)}`, key === undefined ? {} : { key });

describe('every route', () => {
  it('that the router knows is in the document', async () => {
    const { app } = await anApp();
    const routed = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`);

    const pages = ['GET /', 'GET /dashboard', 'GET /dashboard/*', 'GET /openapi.json'];
    expect(new Set(routed)).toEqual(new Set([...operations.map(({ name }) => name), ...pages]));
  });

  it('needs a key, except twelve; of these, a webhook and the links of mails prove by a signature or a token who sent them', async () => {
    const open = operations.filter(({ scope }) => scope === undefined).map(({ name }) => name);

    expect([...open, 'GET /openapi.json'].sort()).toEqual([
      'DELETE /session',
      'GET /approve/{token}',
      'GET /healthz',
      'GET /openapi.json',
      'GET /session',
      'GET /unsubscribe/{token}',
      'POST /approve/{token}',
      'POST /session',
      'POST /unsubscribe/{token}',
      'POST /users/register',
      'POST /webhooks/postmark',
      'POST /webhooks/resend',
    ]);
    for (const operation of operations.filter(({ scope }) => scope === undefined)) {
      expect([401, 403]).not.toContain((await request(operation)).status);
    }
  });

  it.each(guarded)('$name refuses a caller without a key', async (operation) => {
    const response = await request(operation);

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect((await problemOf(response)).code).toBe('unauthorized');
  });

  it.each(guarded)('$name refuses an unknown API key', async (operation) => {
    expect((await request(operation, 'errand_guessed')).status).toBe(401);
  });

  it.each(guarded)('$name refuses an expired key', async (operation) => {
    const { key } = await aKey({ expiresAt: Date.now() - 1 });

    expect((await request(operation, key)).status).toBe(401);
  });

  it.each(guarded)('$name refuses a revoked key', async (operation) => {
    const { key } = await aKey({ revokedAt: Date.now() - 1 });

    expect((await request(operation, key)).status).toBe(401);
  });

  it.each(guarded)('$name refuses a key whose scopes are not $scope', async (operation) => {
    const { key } = await aKey({ scopes: TOO_SMALL[operation.scope as Scope] });
    const response = await request(operation, key);

    expect(response.status).toBe(403);
    expect((await problemOf(response)).code).toBe('forbidden');
  });

  it.each(guarded)('$name serves a key with $scope', async (operation) => {
    const { key } = await aKey({ scopes: [operation.scope as Scope] });
    const { status } = await request(operation, key);

    expect([401, 403]).not.toContain(status);
    expect(status).toBeLessThan(500);
  });

  it.each(guarded)('$name serves a key with admin', async (operation) => {
    const { key } = await aKey({ scopes: ['admin'] });

    expect([401, 403]).not.toContain((await request(operation, key)).status);
  });
});

describe('a key', () => {
  it('is refused in the same words whether it is unknown, expired or revoked', async () => {
    const keys = [{ key: 'errand_guessed' }, await aKey({ expiresAt: 1 }), await aKey({ revokedAt: 1 })];
    const bodies = await Promise.all(keys.map(async ({ key }) => problemOf(call('GET /tasks', { key }))));

    const said = bodies.map(({ request_id: _, ...body }) => JSON.stringify(body));
    expect(new Set(said).size).toBe(1);
  });

  it.each(['Basic {key}', '{key}', 'Bearer', 'Bearer {key} {key}', 'Bearer "{key}"', `Bearer {key}${'x'.repeat(200)}`])(
    'is not found in the header "%s"',
    async (header) => {
      const { key } = await aKey();
      const headers = { authorization: header.replaceAll('{key}', key) };

      expect((await call('GET /tasks', { headers })).status).toBe(401);
    },
  );

  it('cannot be replaced by its stored hash, its prefix, or a place in the address', async () => {
    const { key, hash } = await aKey();

    expect((await call('GET /tasks', { key: hash })).status).toBe(401);
    expect((await call('GET /tasks', { key: key.slice(0, 12) })).status).toBe(401);
    expect((await call(`GET /tasks?key=${key}&access_token=${key}`)).status).toBe(401);
  });

  it('may be sent with any spelling of Bearer', async () => {
    const { key } = await aKey();

    expect((await call('GET /tasks', { headers: { authorization: `bearer ${key}` } })).status).toBe(200);
  });

  it('with scopes this version does not know may do nothing', async () => {
    const { key } = await aKey({ scopes: ['tasks:everything' as Scope] });

    expect((await call('GET /tasks', { key })).status).toBe(403);
  });

  it('that is revoked while in use is refused after half a minute at the latest', async () => {
    const { call: request, engine } = await anApp({ settings: keysOnly() });
    const { key, hash } = await aKey();
    await reply(200, request('GET /tasks', { key }));
    await env.DB.prepare('UPDATE api_keys SET revoked_at = 1 WHERE hash = ?').bind(hash).run();

    engine.advance(31);

    expect((await request('GET /tasks', { key })).status).toBe(401);
  });

  it('that expires while in use is refused at once', async () => {
    const { call: request, engine } = await anApp({ settings: keysOnly() });
    const { key } = await aKey({ expiresAt: engine.clock.now() + 5000 });
    await reply(200, request('GET /tasks', { key }));

    engine.advance(5);

    expect((await request('GET /tasks', { key })).status).toBe(401);
  });

  it('remembers when it was last used, to five minutes', async () => {
    const { call: request, engine } = await anApp({ settings: keysOnly() });
    const { key, hash } = await aKey();
    const lastUse = () =>
      env.DB.prepare('SELECT last_used_at FROM api_keys WHERE hash = ?').bind(hash).first<number>('last_used_at');

    await request('GET /tasks', { key });
    await engine.idle();
    const first = await lastUse();
    engine.advance(60);
    await request('GET /tasks', { key });
    await engine.idle();

    expect(first).toBe(engine.clock.now() - 60_000);
    expect(await lastUse()).toBe(first);
  });

  it('that calls too often is told when to come back, and only that key', async () => {
    const allow = (name: string, limit: number) =>
      env.LIMITER.get(env.LIMITER.idFromName(name)).take(limit, Date.now());
    const { call: request } = await anApp({ allow, settings: { ...keysOnly(), KEY_RATE_LIMIT: 2 } });
    const [eager, calm] = [await aKey(), await aKey()];

    const statuses = [];
    for (let n = 0; n < 2; n++) statuses.push((await request('GET /tasks', eager)).status);
    const refused = await request('GET /tasks', eager);

    expect(statuses).toEqual([200, 200]);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(30);
    expect((await problemOf(refused)).code).toBe('rate_limited');
    expect((await request('GET /tasks', calm)).status).toBe(200);
  });
});

describe('open mode', () => {
  it.each(['http://localhost', 'http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787'])(
    'answers %s without a key',
    async (origin) => {
      expect((await (await anApp()).call('GET /tasks', { origin })).status).toBe(200);
    },
  );

  it.each([
    ORIGIN,
    'http://0.0.0.0:8787',
    'http://10.0.0.1:8787',
    'http://localhost.evil.example',
    'http://127.0.0.1.nip.io',
    'http://app.localhost',
  ])('still wants a key from %s', async (origin) => {
    const { call: request } = await anApp();
    const { key } = await aKey();

    expect((await request('GET /tasks', { origin })).status).toBe(401);
    expect((await request('GET /tasks', { origin, headers: { host: 'localhost' } })).status).toBe(401);
    expect((await request('GET /tasks', { origin, key })).status).toBe(200);
  });

  it('refuses what a page of another site sends', async () => {
    const { call: request } = await anApp();
    const from = (site: string) => request('POST /tasks', { json: {}, headers: { 'sec-fetch-site': site } });

    expect((await problemOf(from('cross-site'))).code).toBe('forbidden');
    expect((await from('same-origin')).status).toBe(422);
    expect((await from('none')).status).toBe(422);
  });

  it('wants a loopback name in `Host`, and in `Origin` the address it was asked at', async () => {
    const { call: request } = await anApp();
    const origin = 'http://127.0.0.1:8787';
    const asked = (headers: Record<string, string>) => request('GET /tasks', { origin, headers });

    expect((await asked({ host: 'errand.example' })).status).toBe(401);
    expect((await asked({ host: '127.0.0.1:8787' })).status).toBe(200);
    expect((await asked({ origin })).status).toBe(200);
    expect((await problemOf(asked({ origin: 'http://127.0.0.1:9999' }))).code).toBe('forbidden');
    expect((await problemOf(asked({ origin: 'https://evil.example' }))).code).toBe('forbidden');
  });

  it('is not what the Worker does by itself', async () => {
    expect((await call('GET /tasks', { origin: 'http://localhost' })).status).toBe(401);
  });
});

function keysOnly() {
  return { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 };
}
