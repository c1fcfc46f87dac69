// Answers with a file. A file must never run as code in the browser that opens it.
import { isOutput, type StoredFile } from '../files/index.ts';
import { checkConditions, lastModified, spanOf } from './conditions.ts';
import type { HttpContext } from './env.ts';
import { HttpProblem, problem } from './problem.ts';

/** How long a client may cache a file. The bytes behind a file key never change. */
const CACHE_SECONDS = 3600;

/** Types that a browser runs. A file is never served with one of them. */
const ACTIVE = /[/+](x?html|svg|xml|xslt?|javascript|ecmascript|wasm|x-shockwave-flash)(?![\w.-])/i;

/**
 * Answers GET or HEAD: the file, a part of it, 304 or 416.
 * @throws HttpProblem `not_found`, `precondition_failed`
 */
export async function fileResponse(c: HttpContext, key: string, cacheSeconds = CACHE_SECONDS): Promise<Response> {
  const { files } = c.var.services;
  const file = await files.stat(key);
  if (!file) throw notFound(key);
  const headers = fileHeaders(file, Math.min(CACHE_SECONDS, cacheSeconds));
  const state = checkConditions(c.req.raw.headers, file);
  if (state === 'changed') throw new HttpProblem('precondition_failed');
  if (state === 'unchanged') return c.body(null, 304, headers);
  const isHead = c.req.method === 'HEAD';
  // Only GET has ranges (RFC 9110, 14.2).
  const span = isHead ? undefined : spanOf(c.req.raw.headers, file);
  if (span?.length === 0) {
    const refusal = problem(c, 'range_not_satisfiable');
    refusal.headers.set('content-range', `bytes */${file.size}`);
    return refusal;
  }
  const whole = { ...headers, 'content-length': String(file.size) };
  if (isHead) return c.body(null, 200, whole);
  const object = await files.open(key, new Headers({ 'if-match': file.etag }), span);
  // It was deleted or written again since stat().
  if (!object || !('body' in object)) throw notFound(key);
  if (!span) return c.body(object.body, 200, whole);
  return c.body(object.body, 206, {
    ...headers,
    'content-range': `bytes ${span.offset}-${span.offset + span.length - 1}/${file.size}`,
    'content-length': String(span.length),
  });
}

export function notFound(key: string): HttpProblem {
  return new HttpProblem('not_found', { detail: `No file has the key "${key}".` });
}

function fileHeaders(file: StoredFile, cacheSeconds: number): Record<string, string> {
  const { key, etag, contentType, filename } = file;
  const type = ACTIVE.test(contentType) ? 'application/octet-stream' : contentType;
  const disposition = isOutput(key) && type.startsWith('image/') ? 'inline' : 'attachment';
  return {
    'content-type': type,
    'content-disposition': `${disposition}; filename*=UTF-8''${rfc5987(filename)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'accept-ranges': 'bytes',
    'cache-control': `private, max-age=${cacheSeconds}`,
    'last-modified': lastModified(file),
    etag,
  };
}

/** The ext-value of RFC 5987. encodeURIComponent leaves four characters that the RFC forbids. */
function rfc5987(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
