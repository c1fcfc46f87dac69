// Conditional and range requests for a file (RFC 9110, sections 13 and 14.2). Pure. R2 can read these headers too, but it
// neither refuses a request nor checks them in the order that the RFC demands.
import type { Span, StoredFile } from '../files/index.ts';

type Known = Pick<StoredFile, 'etag' | 'size' | 'uploadedAt'>;

/** Checks the conditions of a GET or HEAD (RFC 9110, 13.2.2): `changed` is answered with 412, `unchanged` with 304. */
export function checkConditions(headers: Headers, file: Known): 'go' | 'unchanged' | 'changed' {
  const ifMatch = headers.get('if-match');
  const unmodifiedSince = secondsOf(headers.get('if-unmodified-since'));
  if (ifMatch !== null) {
    if (!listed(ifMatch, file.etag, 'strong')) return 'changed';
  } else if (unmodifiedSince !== undefined && modifiedSeconds(file) > unmodifiedSince) return 'changed';
  const ifNoneMatch = headers.get('if-none-match');
  const modifiedSince = secondsOf(headers.get('if-modified-since'));
  if (ifNoneMatch !== null) return listed(ifNoneMatch, file.etag, 'weak') ? 'unchanged' : 'go';
  return modifiedSince !== undefined && modifiedSeconds(file) <= modifiedSince ? 'unchanged' : 'go';
}

/**
 * The span that the Range header asks for (RFC 9110, 14.1.2); its length is 0 if it lies outside the file. undefined: serve the
 * whole file, because the header is missing, unreadable or has several ranges, or the file is not the one that If-Range names.
 */
export function spanOf(headers: Headers, file: Known): Span | undefined {
  const [, first = '', last = ''] =
    headers
      .get('range')
      ?.trim()
      .match(/^bytes=(\d*)-(\d*)$/i) ?? [];
  if ((first === '' && last === '') || !isStill(headers.get('if-range'), file)) return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const offset = first === '' ? Math.max(0, file.size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? file.size - 1 : Math.min(Number(last), file.size - 1);
  return { offset, length: Math.max(0, end - offset + 1) };
}

/** The value of Last-Modified, which HTTP writes in whole seconds. */
export function lastModified({ uploadedAt }: Pick<StoredFile, 'uploadedAt'>): string {
  return new Date(uploadedAt).toUTCString();
}

/** True if the file is the one that If-Range names (RFC 9110, 13.1.5), of which the caller already has another part. */
function isStill(ifRange: string | null, file: Known): boolean {
  return ifRange === null || ifRange.trim() === file.etag || ifRange.trim() === lastModified(file);
}

/** True if the list of entity tags has this one. In a strong comparison a weak tag never matches; the tags of files are strong. */
function listed(list: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (list.trim() === '*') return true;
  return list
    .split(',')
    .map((tag) => (comparison === 'weak' ? tag.trim().replace(/^W\//, '') : tag.trim()))
    .includes(etag);
}

function modifiedSeconds({ uploadedAt }: Known): number {
  return Math.floor(uploadedAt / 1000);
}

/** undefined if the header is missing or is not a date: then the condition is ignored. */
function secondsOf(date: string | null): number | undefined {
  const at = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}
