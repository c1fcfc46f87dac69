// /keys: list, make and revoke API keys. The text of an API key is shown once, when it is made; D1 holds its hash.
import { z } from '@hono/zod-openapi';
import { type ApiKey, PREFIX_LENGTH, SCOPES } from '../../access/index.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { iso, isoInstant, isoOrNull } from '../iso.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

/** A hundred years, in seconds. */
const MAX_EXPIRES_IN = 3_153_600_000;

const KeyJson = z
  .object({
    prefix: z.string().describe('Its first characters, to recognise it by'),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: isoInstant,
    expires_at: isoInstant.nullable(),
    last_used_at: isoInstant.nullable().describe('Exact to five minutes'),
    revoked_at: isoInstant.nullable(),
  })
  .openapi('Key');

const NewKey = strictObject({
  name: z.string().trim().min(1).max(64).describe('A label: who or what uses the API key'),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expires_in: z.int().min(60).max(MAX_EXPIRES_IN).optional().describe('Seconds; without it the API key never expires'),
});

const pager = createPager('keys', (position) => /^\d+\/[^/]+$/.test(position));

/** Where the page after `position` begins. */
function positionOf(position: string | undefined) {
  if (position === undefined) return undefined;
  const [createdAt, prefix = ''] = position.split('/');
  return { createdAt: Number(createdAt), prefix };
}

const list = route({
  method: 'get',
  path: '/keys',
  access: 'admin',
  refuses: ['invalid_cursor'],
  summary: 'The API keys, newest first',
  request: { query: strictObject(pageQuery({ defaultLimit: 1000, maxLimit: 1000 })) },
  responses: { 200: jsonReply('A page', pageOf(KeyJson)) },
});

const create = route({
  method: 'post',
  path: '/keys',
  access: 'admin',
  refusesKey: 'An API key is shown once, so a repeat cannot show it again. If the reply was lost, revoke the API key.',
  summary: 'Make an API key',
  request: { body: jsonBody(NewKey) },
  responses: { 201: jsonReply('Made; `key` is shown only this once', KeyJson.extend({ key: z.string() })) },
});

const revoke = route({
  method: 'delete',
  path: '/keys/{prefix}',
  access: 'admin',
  summary: 'Revoke an API key and end its sessions; it stays in the list',
  request: { params: z.object({ prefix: z.string().max(PREFIX_LENGTH) }) },
  responses: { 200: jsonReply('The revoked API key', KeyJson) },
});

export const keys = resource()
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await c.var.access.listApiKeys(limit + 1, positionOf(pager.read(cursor)));
    const { rows, next_cursor } = pager.page(found, limit, ({ createdAt, prefix }) => `${createdAt}/${prefix}`);
    return c.json({ items: rows.map(keyJson), next_cursor }, 200);
  })
  .openapi(create, async (c) => {
    const { name, scopes, expires_in: expiresInSeconds } = c.req.valid('json');
    const { apiKey, text } = await c.var.access.createApiKey({ name, scopes, expiresInSeconds });
    return c.json({ ...keyJson(apiKey), key: text }, 201);
  })
  .openapi(revoke, async (c) => {
    const { prefix } = c.req.valid('param');
    const apiKey = await c.var.access.revokeApiKey(prefix);
    if (!apiKey) throw new HttpProblem('not_found', { detail: 'No API key has this prefix. GET /keys lists them.' });
    return c.json(keyJson(apiKey), 200);
  });

function keyJson({ prefix, name, scopes, ...apiKey }: ApiKey): z.infer<typeof KeyJson> {
  return {
    prefix,
    name,
    scopes,
    created_at: iso(apiKey.createdAt),
    expires_at: isoOrNull(apiKey.expiresAt),
    last_used_at: isoOrNull(apiKey.lastUsedAt),
    revoked_at: isoOrNull(apiKey.revokedAt),
  };
}
