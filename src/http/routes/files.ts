// /files: keep, list, read, delete, and links that open one file without a key. The streams pass through; nothing is held.
import { z } from '@hono/zod-openapi';
import { issuesOf } from '../../engine/manage.ts';
import { MAX_LINK_SECONDS, signLink } from '../../files/index.ts';
import { fileResponse, notFound } from '../file-response.ts';
import { authorize } from '../middleware/authorize.ts';
import { authorizeLink } from '../middleware/authorize-link.ts';
import { HttpProblem } from '../problem.ts';
import { receiveFile } from '../receive-file.ts';
import { documentRoute, json, limitBody, resource, route } from '../route.ts';

const binary = { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } };
const keyParam = z.object({ key: z.string().describe('The whole key, slashes included') });

const put = route({
  method: 'put',
  path: '/files/{key}',
  access: 'tasks:write',
  summary: 'Keep a file, streamed; the last part of the path is its name, and its key is in the reply',
  request: {
    params: z.object({ key: z.string().describe("The file's name, percent-encoded") }),
    headers: z.object({
      'content-length': z.string(),
      'content-digest': z.string().optional().describe('RFC 9530, sha-256 or sha-512; Digest and Content-MD5 too'),
    }),
    body: { required: true, ...binary },
  },
  responses: {
    201: {
      description: 'Kept',
      ...json(z.object({ file: z.string(), size: z.int(), etag: z.string(), content_type: z.string() })),
    },
  },
});

const get = route({
  method: 'get',
  path: '/files/{key}',
  access: 'tasks:read',
  summary:
    'The bytes of a file; ranges and conditional requests are honoured, and a signed link needs no key. Also HEAD',
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

const SignBody = z.strictObject({ expires_in: z.int().min(1).max(MAX_LINK_SECONDS).describe('Seconds, up to 7 days') });

const sign = route({
  method: 'post',
  path: '/files/{key}/sign',
  access: 'tasks:read',
  summary: 'A link that opens this file without a key, until it expires',
  request: { params: keyParam, body: { required: true, ...json(SignBody) } },
  responses: { 200: { description: 'The link', ...json(z.object({ url: z.url(), expires_at: z.iso.datetime() })) } },
});

const list = route({
  method: 'get',
  path: '/files',
  access: 'tasks:read',
  summary: 'List files in the order of their keys: uploads oldest first',
  request: {
    query: z.object({
      prefix: z.enum(['uploads', 'outputs']).default('uploads'),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(1024).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page',
      ...json(
        z.object({
          items: z.array(
            z.object({
              file: z.string(),
              size: z.int(),
              content_type: z.string(),
              filename: z.string(),
              uploaded_at: z.iso.datetime(),
            }),
          ),
          next_cursor: z.string().nullable(),
        }),
      ),
    },
  },
});

export const files = resource().openapi(list, async (c) => {
  const { prefix, limit, cursor } = c.req.valid('query');
  const found = await c.var.services.files.list(`${prefix}/`, { limit, after: cursor });
  const items = found.files.map(({ key, size, contentType, filename, uploadedAt }) => ({
    file: key,
    size,
    content_type: contentType,
    filename,
    uploaded_at: new Date(uploadedAt).toISOString(),
  }));
  return c.json({ items, next_cursor: found.truncated ? (items.at(-1)?.file ?? null) : null }, 200);
});

// OpenAPI cannot say that a parameter holds slashes, so the paths the router sees are written by hand.
for (const documented of [put, get, remove, sign]) documentRoute(files, documented);

files.get('/files/:key{[^]+}', authorizeLink('tasks:read'), async (c) => {
  const { expires, signature } = c.req.query();
  const now = Math.floor(c.var.services.engine.clock.now() / 1000);
  return fileResponse(c, c.req.param('key'), signature === undefined ? undefined : Number(expires) - now);
});

files.put('/files/:key{[^]+}', authorize('tasks:write'), async (c) => {
  // The router leaves what it cannot decode as it is.
  if (!isUtf8(new URL(c.req.url).pathname))
    throw new HttpProblem('invalid_request', { issues: [{ path: 'name', message: 'must be UTF-8, percent-encoded' }] });
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

files.post('/files/:key{[^]+}/sign', authorize('tasks:read'), limitBody(), async (c) => {
  const key = c.req.param('key');
  const body = SignBody.safeParse(await c.req.json().catch(asInvalidJson));
  if (!body.success) throw new HttpProblem('invalid_request', { issues: issuesOf(body.error) });
  const { files: stored, settings, engine } = c.var.services;
  if (!(await stored.stat(key))) throw notFound(key);
  if (!settings.LINK_SECRET) throw new HttpProblem('links_disabled', { detail: 'the secret LINK_SECRET is not set' });
  const expires = Math.floor(engine.clock.now() / 1000) + body.data.expires_in;
  const url = new URL(`/files/${key}`, c.req.url);
  url.searchParams.set('expires', String(expires));
  url.searchParams.set('signature', await signLink(settings.LINK_SECRET, key, expires));
  return c.json({ url: url.href, expires_at: new Date(expires * 1000).toISOString() }, 200);
});

function isUtf8(encoded: string): boolean {
  try {
    decodeURIComponent(encoded);
    return true;
  } catch {
    return false;
  }
}

function asInvalidJson(): never {
  throw new HttpProblem('invalid_json');
}
