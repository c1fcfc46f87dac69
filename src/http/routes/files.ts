// GET /files/{key}: the bytes. Whatever a file holds, it must not act in the browser of who opens it.
import { z } from '@hono/zod-openapi';
import { describe, isOutput, type StoredFile } from '../../files/index.ts';
import { authorize } from '../middleware/authorize.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

const bytes = { content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } } };

const get = route({
  method: 'get',
  path: '/files/{key}',
  access: 'tasks:read',
  summary: 'The bytes of a file; ranges and conditional requests are honoured',
  request: { params: z.object({ key: z.string().describe('The whole key, slashes included') }) },
  responses: {
    200: { description: 'The file', ...bytes },
    206: { description: 'A part of it', ...bytes },
    304: { description: 'Unchanged' },
  },
});

export const files = resource();
files.openAPIRegistry.registerPath(get);
// OpenAPI cannot say that a parameter holds slashes, so the path the router sees is written by hand.
files.get('/files/:key{.+}', authorize('tasks:read'), async (c) => {
  const key = c.req.param('key');
  const object = await c.var.services.files.open(key, c.req.raw.headers).catch((error: unknown) => {
    if (c.req.header('range') !== undefined) throw new HttpProblem('range_not_satisfiable');
    throw error;
  });
  if (!object) throw new HttpProblem('not_found', { detail: `there is no file ${key}` });
  const headers = safeHeaders(describe(object));
  if (!('body' in object)) {
    const conditional = c.req.header('if-none-match') ?? c.req.header('if-modified-since');
    if (conditional === undefined) throw new HttpProblem('precondition_failed');
    return new Response(null, { status: 304, headers });
  }
  const range = c.req.header('range') === undefined ? undefined : object.range;
  if (!range) return new Response(object.body, { headers: { ...headers, 'content-length': String(object.size) } });
  const { offset, length } = spanOf(range, object.size);
  const contentRange = `bytes ${offset}-${offset + length - 1}/${object.size}`;
  return new Response(object.body, {
    status: 206,
    headers: { ...headers, 'content-range': contentRange, 'content-length': String(length) },
  });
});

function safeHeaders({ key, etag, contentType, filename }: StoredFile): Record<string, string> {
  const disposition = isOutput(key) && contentType.startsWith('image/') ? 'inline' : 'attachment';
  return {
    'content-type': contentType,
    'content-disposition': `${disposition}; filename*=UTF-8''${rfc5987(filename)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': 'private, max-age=3600',
    etag,
  };
}

/** RFC 5987's ext-value: encodeURIComponent leaves four characters that it forbids. */
function rfc5987(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function spanOf(range: R2Range, size: number): { offset: number; length: number } {
  if ('suffix' in range) return { offset: Math.max(0, size - range.suffix), length: Math.min(size, range.suffix) };
  const offset = range.offset ?? 0;
  return { offset, length: range.length ?? size - offset };
}
