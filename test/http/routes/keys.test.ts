import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { anAdminKey, call, problemOf, reply } from '../../support/worker.ts';

interface Key {
  prefix: string;
  name: string;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
  key?: string;
}

const admin = await anAdminKey();
const make = (json: unknown) => call('POST /keys', { key: admin, json });

describe('a key', () => {
  it('is made, works, and is shown this once', async () => {
    const made = await reply<Key>(201, make({ name: '  <b>mobile</b> app ', scopes: ['tasks:write', 'tasks:read'] }));

    expect(made).toMatchObject({ name: '<b>mobile</b> app', scopes: ['tasks:read', 'tasks:write'], expires_at: null });
    expect(made.key).toMatch(/^errand_[\w-]{43}$/);
    expect(made.prefix).toBe(made.key?.slice(0, 12));
    expect((await call('GET /tasks', { key: made.key ?? '' })).status).toBe(200);

    const { items } = await reply<{ items: Key[] }>(200, call('GET /keys', { key: admin }));
    const { key: _, ...rest } = made;
    expect(items.find(({ prefix }) => prefix === made.prefix)).toMatchObject({
      ...rest,
      last_used_at: expect.anything(),
    });
    expect(JSON.stringify(items)).not.toContain(made.key);
  });

  it('is stored as the hash that `npm run key` stores', async () => {
    const { key = '', prefix } = await reply<Key>(201, make({ name: 'a', scopes: ['admin'] }));
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
    const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

    const row = await env.DB.prepare('SELECT * FROM api_keys WHERE hash = ?').bind(hash).first();
    expect(row).toMatchObject({ prefix, name: 'a', scopes: '["admin"]', revoked_at: null });
  });

  it('expires when it was told to', async () => {
    const made = await reply<Key>(201, make({ name: 'a', scopes: ['admin'], expires_in: 3600 }));

    expect(Date.parse(made.expires_at ?? '') - Date.parse(made.created_at)).toBe(3_600_000);
  });

  it('is refused at once after it was revoked, stays in the list, and cannot be revoked anew', async () => {
    const { key = '', prefix } = await reply<Key>(201, make({ name: 'a', scopes: ['admin'] }));
    await reply(200, call('GET /tasks', { key }));

    const revoked = await reply<Key>(200, call(`DELETE /keys/${prefix}`, { key: admin }));

    expect(revoked.revoked_at).not.toBeNull();
    expect((await call('GET /tasks', { key })).status).toBe(401);
    expect(await reply(200, call(`DELETE /keys/${prefix}`, { key: admin }))).toEqual(revoked);
    const { items } = await reply<{ items: Key[] }>(200, call('GET /keys', { key: admin }));
    expect(items).toContainEqual(revoked);
  });

  it('that does not exist is not found', async () => {
    expect((await problemOf(call('DELETE /keys/errand_none', { key: admin }))).code).toBe('not_found');
  });

  it.each([
    [{ scopes: ['admin'] }, 'name'],
    [{ name: ' ', scopes: ['admin'] }, 'name'],
    [{ name: 'x'.repeat(65), scopes: ['admin'] }, 'name'],
    [{ name: 'a', scopes: [] }, 'scopes'],
    [{ name: 'a', scopes: ['tasks:everything'] }, 'scopes.0'],
    [{ name: 'a', scopes: ['admin'], expires_in: 0 }, 'expires_in'],
    [{ name: 'a', scopes: ['admin'], expires_in: 1e12 }, 'expires_in'],
    [{ name: 'a', scopes: ['admin'], prefix: 'errand_a' }, ''],
  ])('is refused for %j', async (json, path) => {
    const problem = await problemOf(make(json));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.[0]?.path).toBe(path);
  });
});
