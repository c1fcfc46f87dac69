// /files: store, list, read and delete files, and sign links that open one file without an API key. Bodies are streamed and
// never held in memory.
import { z } from '@hono/zod-openapi';
import { issuesOf } from '../../engine/manage.ts';
import { MAX_LINK_SECONDS, signLink } from '../../files/index.ts';
import { binary, jsonBody, jsonReply } from '../content.ts';
import { fileResponse, notFound } from '../file-response.ts';
import { refuseIdempotencyKey } from '../idempotency.ts';
import { iso, isoInstant } from '../iso.ts';
import { authorize } from '../middleware/authorize.ts';
import { authorizeLink } from '../middleware/authorize-link.ts';
import { refuseDeepJson } from '../middleware/refuse-deep-json.ts';
import { refuseUnsafeIntegers } from '../middleware/refuse-unsafe-integers.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { receiveFile } from '../receive-file.ts';
import { documentRoute, limitBody, resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const keyParam = z.object({ key: z.string().describe('The whole file key, with its slashes') });

const put = route({
  method: 'put',
  path: '/files/{key}',
  access: 'tasks:write',
  refuses: ['length_required', 'digest_mismatch'],
  summary: 'Store a file, streamed; the last part of the path is its name, and its file key is in the reply',
  request: {
    params: z.object({ key: z.string().describe("The file's name, percent-encoded") }),
    headers: z.object({
      'content-length': z.string(),
      'content-digest': z.string().optional().describe('RFC 9530, sha-256 or sha-512; Digest and Content-MD5 too'),
    }),
    body: { required: true, ...binary },
  },
  responses: {
    201: jsonReply('Stored', z.object({ file: z.string(), size: z.int(), etag: z.string(), content_type: z.string() })),
  },
});

const get = route({
  method: 'get',
  path: '/files/{key}',
  access: 'tasks:read',
  refuses: ['link_invalid', 'link_expired', 'precondition_failed', 'range_not_satisfiable'],
  summary: 'The bytes of a file, with ranges and conditional requests; a signed link needs no API key. Also HEAD',
  request: {
    params: keyParam,
    query: z.object({ expires: z.string().optional(), signature: z.string().optional() }),
  },
  responses: {
    200: { description: 'The file', ...binary },
    206: { description: 'A part of it', ...binary },
    304: { description: 'Unchanged' },
  },
});

const remove = route({
  method: 'delete',
  path: '/files/{key}',
  access: 'tasks:write',
  summary: 'Delete a file',
  request: { params: keyParam },
  responses: { 204: { description: 'Deleted' } },
});

const SignBody = strictObject({ expires_in: z.int().min(1).max(MAX_LINK_SECONDS).describe('Seconds, up to 7 days') });

const sign = route({
  method: 'post',
  path: '/files/{key}/sign',
  access: 'tasks:read',
  refuses: ['links_disabled'],
  summary: 'Make a link that opens this file without an API key, until it expires',
  request: { params: keyParam, body: jsonBody(SignBody) },
  responses: { 200: jsonReply('The link', z.object({ url: z.url(), expires_at: isoInstant })) },
});

/** Uploads and outputs are two lists: a cursor of one is not good for the other. */
const pagers = {
  uploads: createPager('uploads', (key) => key.startsWith('uploads/')),
  outputs: createPager('outputs', (key) => key.startsWith('outputs/')),
};

const FileJson = z.object({
  file: z.string(),
  size: z.int(),
  content_type: z.string(),
  filename: z.string(),
  uploaded_at: isoInstant,
});

const list = route({
  method: 'get',
  path: '/files',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'List files in the order of their file keys: uploads oldest first',
  request: {
    query: strictObject({
      prefix: z.enum(['uploads', 'outputs']).default('uploads'),
      ...pageQuery({ defaultLimit: 50, maxLimit: 200 }),
    }),
  },
  responses: { 200: jsonReply('A page', pageOf(FileJson)) },
});

export const files = resource().openapi(list, async (c) => {
  const { prefix, limit, cursor } = c.req.valid('query');
  const pager = pagers[prefix];
  const found = await c.var.services.files.list(`${prefix}/`, { limit, after: pager.read(cursor) });
  const items = found.files.map(({ key, size, contentType, filename, uploadedAt }) => ({
    file: key,
    size,
    content_type: contentType,
    filename,
    uploaded_at: iso(uploadedAt),
  }));
  const last = items.at(-1);
  return c.json({ items, next_cursor: found.truncated && last ? pager.write(last.file) : null }, 200);
});

// OpenAPI cannot say that a parameter holds slashes, so these routes are registered by hand.
for (const documented of [put, get, remove, sign]) documentRoute(files, documented);

files.get('/files/:key{[^]+}', authorizeLink('tasks:read'), async (c) => {
  const { expires, signature } = c.req.query();
  const now = Math.floor(c.var.services.engine.clock.now() / 1000);
  return fileResponse(c, c.req.param('key'), signature === undefined ? undefined : Number(expires) - now);
});

const refuseKey = refuseIdempotencyKey(
  'Each request stores a file of its own. If a reply was lost, delete the file that is not needed: GET /files lists it.',
);

files.put('/files/:key{[^]+}', authorize('tasks:write'), refuseKey, async (c) => {
  // The router passes on what it cannot decode.
  if (!isUtf8(new URL(c.req.url).pathname))
    throw new HttpProblem('invalid_request', {
      issues: [{ path: 'name', message: 'The name of the file must be UTF-8, percent-encoded.' }],
    });
  const file = await receiveFile(c, c.req.param('key'));
  const reply = { file: file.key, size: file.size, etag: file.etag, content_type: file.contentType };
  return c.json(reply, 201, { location: `/files/${file.key}` });
});

files.delete('/files/:key{[^]+}', authorize('tasks:write'), async (c) => {
  const key = c.req.param('key');
  const { files: stored } = c.var.services;
  if (!(await stored.stat(key))) throw notFound(key);
  await stored.delete([key]);
  return c.body(null, 204);
});

files.post(
  '/files/:key{[^]+}/sign',
  authorize('tasks:read'),
  limitBody(),
  refuseDeepJson,
  refuseUnsafeIntegers,
  async (c) => {
    const key = c.req.param('key');
    const body = SignBody.safeParse(await c.req.json().catch(asInvalidJson));
    if (!body.success) throw new HttpProblem('invalid_request', { issues: issuesOf(body.error) });
    const { files: stored, settings, engine } = c.var.services;
    if (!(await stored.stat(key))) throw notFound(key);
    if (!settings.LINK_SECRET)
      throw new HttpProblem('links_disabled', {
        detail: 'The secret LINK_SECRET is not set. The operator must set it.',
      });
    const expires = Math.floor(engine.clock.now() / 1000) + body.data.expires_in;
    const url = new URL(`/files/${key}`, c.req.url);
    url.searchParams.set('expires', String(expires));
    url.searchParams.set('signature', await signLink(settings.LINK_SECRET, key, expires));
    return c.json({ url: url.href, expires_at: iso(expires * 1000) }, 200);
  },
);

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

function asInvalidJson(): never {
  throw new HttpProblem('invalid_json', { detail: 'Send a JSON object such as { "expires_in": 3600 }.' });
}
