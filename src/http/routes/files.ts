// GET /files/{key}: the bytes. Whatever a file holds, it must not act in the browser of who opens it.
import { z } from '@hono/zod-openapi';
import { describe, isOutput, type Span, type StoredFile } from '../../files/index.ts';
import { authorize } from '../middleware/authorize.ts';
import { HttpProblem, problem } from '../problem.ts';
import { documentRoute, resource, route } from '../route.ts';

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
documentRoute(files, get);
// OpenAPI cannot say that a parameter holds slashes, so the path the router sees is written by hand.
files.get('/files/:key{.+}', authorize('tasks:read'), async (c) => {
  const key = c.req.param('key');
  const { files: stored } = c.var.services;
  const range = c.req.header('range');
  const known = range === undefined ? undefined : await stored.stat(key);
  const span = known && isStill(known, c.req.header('if-range')) ? spanOf(range, known.size) : undefined;
  if (span?.length === 0) {
    const refusal = problem(c, 'range_not_satisfiable');
    refusal.headers.set('content-range', `bytes */${known?.size}`);
    return refusal;
  }
  const object = await stored.open(key, c.req.raw.headers, span);
  if (!object) throw new HttpProblem('not_found', { detail: `there is no file ${key}` });
  const headers = safeHeaders(describe(object));
  if (!('body' in object)) {
    const conditional = c.req.header('if-none-match') ?? c.req.header('if-modified-since');
    if (conditional === undefined) throw new HttpProblem('precondition_failed');
    return new Response(null, { status: 304, headers });
  }
  if (!span) return new Response(object.body, { headers: { ...headers, 'content-length': String(object.size) } });
  const contentRange = `bytes ${span.offset}-${span.offset + span.length - 1}/${object.size}`;
  return new Response(object.body, {
    status: 206,
    headers: { ...headers, 'content-range': contentRange, 'content-length': String(span.length) },
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

/** If-Range (RFC 9110, 13.1.5): a part is worth something only of the file that the caller has the rest of. */
function isStill({ etag }: StoredFile, ifRange: string | undefined): boolean {
  return ifRange === undefined || ifRange === etag;
}

/**
 * The span a Range header asks for (RFC 9110, 14.1.2), of length 0 when it lies outside the file. undefined for what is
 * no range, or several: then the whole file is served. By hand, for R2's own reading of the header knows no refusal.
 */
function spanOf(range: string | undefined, size: number): Span | undefined {
  const [, first = '', last = ''] = range?.trim().match(/^bytes=(\d*)-(\d*)$/) ?? [];
  if (first === '' && last === '') return undefined;
  const offset = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  return { offset, length: Math.max(0, end - offset + 1) };
}
