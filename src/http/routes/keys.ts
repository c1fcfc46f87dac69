// /keys: the API keys. A key is shown once, when it is made; what is stored is its hash.
import { z } from '@hono/zod-openapi';
import { forgetKeys, hashOf, SCOPES, scopesOf } from '../middleware/authorize.ts';
import { HttpProblem } from '../problem.ts';
import { json, resource, route } from '../route.ts';
import { type ApiKeyRow, insertApiKey, listApiKeys, revokeApiKey } from '../store.ts';

/** As `npm run key` makes them: of a key's text, so many characters are kept to know it by. */
const PREFIX_LENGTH = 12;
/** A hundred years of seconds: then leave it out. */
const MAX_EXPIRES_IN = 3_153_600_000;
const MAX_LISTED = 1000;

const instant = z.iso.datetime();

const KeyJson = z
  .object({
    prefix: z.string().describe('Its first characters, to know it by'),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: instant,
    expires_at: instant.nullable(),
    last_used_at: instant.nullable().describe('To five minutes'),
    revoked_at: instant.nullable(),
  })
  .openapi('Key');

const list = route({
  method: 'get',
  path: '/keys',
  access: 'admin',
  summary: 'The API keys, newest first, at most 1,000',
  responses: { 200: { description: 'The keys', ...json(z.object({ items: z.array(KeyJson) })) } },
});

const create = route({
  method: 'post',
  path: '/keys',
  access: 'admin',
  summary: 'Make an API key',
  request: {
    body: {
      required: true,
      ...json(
        z.strictObject({
          name: z.string().trim().min(1).max(64).describe('Whose it is, or what for'),
          scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
          expires_in: z.int().min(60).max(MAX_EXPIRES_IN).optional().describe('Seconds; without it, never'),
        }),
      ),
    },
  },
  responses: {
    201: { description: 'Made; `key` is shown this once', ...json(KeyJson.extend({ key: z.string() })) },
  },
});

const revoke = route({
  method: 'delete',
  path: '/keys/{prefix}',
  access: 'admin',
  summary: 'Revoke an API key and end its sessions; it stays in the list',
  request: { params: z.object({ prefix: z.string().max(PREFIX_LENGTH) }) },
  responses: { 200: { description: 'The key, revoked', ...json(KeyJson) } },
});

export const keys = resource()
  .openapi(list, async (c) => {
    const rows = await listApiKeys(c.var.services.db, MAX_LISTED);
    return c.json({ items: rows.map(keyJson) }, 200);
  })
  .openapi(create, async (c) => {
    const { name, scopes, expires_in } = c.req.valid('json');
    const { db, engine } = c.var.services;
    const now = engine.clock.now();
    const about = {
      name,
      scopes: JSON.stringify(SCOPES.filter((scope) => scopes.includes(scope))),
      createdAt: now,
      expiresAt: expires_in === undefined ? null : now + expires_in * 1000,
      lastUsedAt: null,
      revokedAt: null,
    };
    for (;;) {
      const key = newKey();
      const row: ApiKeyRow = { ...about, hash: await hashOf(key), prefix: key.slice(0, PREFIX_LENGTH) };
      if (await insertApiKey(db, row)) return c.json({ ...keyJson(row), key }, 201);
    }
  })
  .openapi(revoke, async (c) => {
    const { db, engine } = c.var.services;
    const { prefix } = c.req.valid('param');
    const row = await revokeApiKey(db, prefix, engine.clock.now());
    if (!row) throw new HttpProblem('not_found', { detail: 'no key begins so' });
    forgetKeys();
    return c.json(keyJson(row), 200);
  });

/** `errand_` and 256 random bits. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return `errand_${text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

function keyJson(row: ApiKeyRow): z.infer<typeof KeyJson> {
  return {
    prefix: row.prefix,
    name: row.name,
    scopes: scopesOf(row),
    created_at: iso(row.createdAt),
    expires_at: row.expiresAt === null ? null : iso(row.expiresAt),
    last_used_at: row.lastUsedAt === null ? null : iso(row.lastUsedAt),
    revoked_at: row.revokedAt === null ? null : iso(row.revokedAt),
  };
}

function iso(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString();
}
