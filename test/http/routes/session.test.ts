import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { aKey, anAdminKey, anApp, call, ORIGIN, problemOf, reply } from '../../support/worker.ts';

interface Session {
  open: boolean;
  scopes: string[];
  name?: string;
  prefix?: string;
}

const keysOnly = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 };

let callers = 0;
/** Each from an address of its own: attempts are limited by address. */
const from = () => ({ 'cf-connecting-ip': `192.0.2.${++callers}` });

/** Signs in and returns what a browser would send back. */
async function signIn(key: string): Promise<{ cookie: string; header: string }> {
  const response = await call('POST /session', { json: { key }, headers: from() });
  await reply(200, response.clone());
  const header = response.headers.get('set-cookie') ?? '';
  return { cookie: header.split(';')[0] ?? '', header };
}

const own = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' };

describe('signing in', () => {
  it('gives a cookie that no script and no other site can use', async () => {
    const { header } = await signIn(await anAdminKey());

    expect(header).toMatch(/^__Host-errand_session=[\w-]{64};/);
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/', 'Max-Age=43200']) {
      expect(header.split('; ')).toContain(attribute);
    }
  });

  it('over plain HTTP leaves out what a browser would refuse there', async () => {
    const { key } = await aKey();
    const response = await call('POST /session', { json: { key }, origin: 'http://localhost', headers: from() });

    expect(response.headers.get('set-cookie')).toMatch(/^errand_session=[\w-]{64};/);
    expect(response.headers.get('set-cookie')).not.toContain('Secure');
  });

  it('says whose key it is and what it may do, and keeps only a hash of what is in the cookie', async () => {
    const { key, hash } = await aKey({ scopes: ['tasks:read'] });
    const { cookie } = await signIn(key);
    const session = await reply<Session>(200, call('GET /session', { headers: { cookie } }));

    expect(session).toEqual({ open: false, scopes: ['tasks:read'], name: 'test', prefix: key.slice(0, 12) });
    const { results } = await env.DB.prepare('SELECT * FROM sessions WHERE key_hash = ?').bind(hash).all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain(cookie.split('=')[1]);
  });

  it('is refused with a key that is unknown, expired or revoked', async () => {
    for (const { key } of [
      { key: 'errand_guessed_guessed_guess' },
      await aKey({ expiresAt: 1 }),
      await aKey({ revokedAt: 1 }),
    ]) {
      const response = await call('POST /session', { json: { key }, headers: from() });

      expect(response.headers.get('set-cookie')).toBeNull();
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthorized' });
    }
  });

  it('is refused to a page of another site, which would sign its visitor in to a key of its own', async () => {
    const { key } = await aKey();
    const headers = { origin: 'https://evil.example' };

    expect((await problemOf(call('POST /session', { json: { key }, headers }))).code).toBe('forbidden');
  });

  it('is limited by address', async () => {
    const allow = (name: string, limit: number) =>
      env.LIMITER.get(env.LIMITER.idFromName(name)).take(limit, Date.now());
    const { call: request } = await anApp({ settings: keysOnly, allow });
    const statuses = [];
    for (let n = 0; n < 12; n++) statuses.push((await request('POST /session', { json: { key: 'no' } })).status);

    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses).toContain(429);
  });
});

describe('a session', () => {
  it('may do what its key may, and no more', async () => {
    const { cookie } = await signIn((await aKey({ scopes: ['tasks:read'] })).key);

    expect((await call('GET /tasks', { headers: { cookie } })).status).toBe(200);
    expect((await call('POST /tasks', { headers: { cookie, ...own }, json: {} })).status).toBe(403);
    expect((await call('GET /keys', { headers: { cookie } })).status).toBe(403);
  });

  it.each([
    ['no Origin at all', {}],
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { origin: `${ORIGIN}:8443` }],
    ['an opaque origin', { origin: 'null' }],
    ['a page of a sister site', { origin: ORIGIN, 'sec-fetch-site': 'same-site' }],
    ['a page of another site', { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }],
  ])('changes nothing for %s', async (_, headers) => {
    const { cookie } = await signIn(await anAdminKey());
    const json = { name: 'demo.echo', input: { value: 1 } };

    expect((await problemOf(call('POST /tasks', { headers: { cookie, ...headers }, json }))).code).toBe('forbidden');
    expect((await call('DELETE /session', { headers: { cookie, ...headers } })).status).toBe(403);
    expect((await call('POST /tasks', { headers: { cookie, ...own }, json })).status).toBe(202);
  });

  it('does not stand in for a bad key that is sent beside it', async () => {
    const { cookie } = await signIn(await anAdminKey());

    expect((await call('GET /tasks', { headers: { cookie }, key: 'errand_guessed' })).status).toBe(401);
  });

  it('is no key: it cannot sign in again, and so does not outlast its twelve hours', async () => {
    const { cookie } = await signIn(await anAdminKey());
    const token = cookie.split('=')[1]!;
    expect((await call('GET /tasks', { headers: { cookie } })).status).toBe(200);

    expect((await problemOf(call('POST /session', { json: { key: token }, headers: from() }))).status).toBe(401);
    expect((await call('GET /tasks', { key: token })).status).toBe(401);
  });

  it('ends when it is signed out, for good', async () => {
    const { cookie } = await signIn(await anAdminKey());
    await call('GET /tasks', { headers: { cookie } });

    const out = await call('DELETE /session', { headers: { cookie, ...own } });

    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await call('GET /tasks', { headers: { cookie } })).status).toBe(401);
    expect(await reply(200, call('GET /session', { headers: { cookie } }))).toEqual({ open: false, scopes: [] });
  });

  it('ends with its key', async () => {
    const { key } = await aKey({ scopes: ['tasks:read'] });
    const { cookie } = await signIn(key);
    await reply(200, call('GET /tasks', { headers: { cookie } }));

    await reply(200, call(`DELETE /keys/${key.slice(0, 12)}`, { key: await anAdminKey() }));

    expect((await call('GET /tasks', { headers: { cookie } })).status).toBe(401);
  });

  it('ends after twelve hours, and is then forgotten', async () => {
    const { call: request, engine } = await anApp({ settings: keysOnly });
    const { key, hash } = await aKey();
    const signedIn = await request('POST /session', { json: { key } });
    const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? '';

    engine.advance(12 * 3600 - 1);
    expect((await request('GET /tasks', { headers: { cookie } })).status).toBe(200);
    engine.advance(1);
    expect((await request('GET /tasks', { headers: { cookie } })).status).toBe(401);

    await request('POST /session', { json: { key } });
    const left = env.DB.prepare('SELECT count(*) AS n FROM sessions WHERE key_hash = ?').bind(hash);
    expect(await left.first('n')).toBe(1);
  });

  it.each(['', 'errand_session=', 'errand_session=x', `__Host-errand_session=${'a'.repeat(64)}`])(
    'is not found in the cookie "%s"',
    async (cookie) => {
      expect((await call('GET /tasks', { headers: { cookie } })).status).toBe(401);
    },
  );
});

describe('who the caller is', () => {
  it('in open mode: every caller, with all scopes', async () => {
    expect(await reply(200, (await anApp()).call('GET /session'))).toEqual({ open: true, scopes: ['admin'] });
  });

  it('with a key: its name', async () => {
    const { key } = await aKey({ scopes: ['tasks:write'] });

    expect(await reply(200, call('GET /session', { key }))).toMatchObject({ scopes: ['tasks:write'], name: 'test' });
  });
});
