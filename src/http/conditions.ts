// Conditional and range requests for a file (RFC 9110, 13 and 14.2): pure. R2 reads these headers itself, but knows no
// refusal and not their order.
import type { Span, StoredFile } from '../files/index.ts';

type Known = Pick<StoredFile, 'etag' | 'size' | 'uploadedAt'>;

/** What the conditions of a GET or HEAD come to (RFC 9110, 13.2.2): `changed` is 412, `unchanged` is 304. */
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
 * The span that a Range header asks for (RFC 9110, 14.1.2), of length 0 when it lies outside the file. undefined for what
 * is no range, or several, or of a file that is no more the one of If-Range: then the whole file is served.
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

/** Last-Modified, to the second as HTTP has it. */
export function lastModified({ uploadedAt }: Pick<StoredFile, 'uploadedAt'>): string {
  return new Date(uploadedAt).toUTCString();
}

/** If-Range (RFC 9110, 13.1.5): a part is worth something only of the very file that the caller has the rest of. */
function isStill(ifRange: string | null, file: Known): boolean {
  return ifRange === null || ifRange.trim() === file.etag || ifRange.trim() === lastModified(file);
}

/** A weak tag never matches strongly. The files' own are strong. */
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

/** undefined for what is no date: such a condition is ignored. */
function secondsOf(date: string | null): number | undefined {
  const at = date === null ? Number.NaN : Date.parse(date);
  return Number.isNaN(at) ? undefined : Math.floor(at / 1000);
}
