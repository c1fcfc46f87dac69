// Deletes old files, a portion at a time, for the clean-up.
import { nextPage } from './next-page.ts';

export type FilePrefix = 'uploads/' | 'outputs/';

/** Without a cursor, no file older than the limit is left under the prefix. */
export interface Removal {
  deleted: number;
  cursor?: string;
}

/**
 * Looks at up to `limit` files (default and maximum: 1,000), beginning after the file key `cursor`, and deletes those uploaded before `olderThan` (epoch
 * milliseconds). Running it twice, or only in part, does no harm. Weakness: if a task writes an output again between the listing
 * and the deletion, the output is deleted too. Keep `olderThan` far below the age of outputs that are still in use.
 */
export async function removeExpired(
  bucket: R2Bucket,
  prefix: FilePrefix,
  olderThan: number,
  cursor?: string,
  limit?: number,
): Promise<Removal> {
  const page = await nextPage(bucket, prefix, cursor, limit);
  const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < olderThan).map(({ key }) => key);
  if (old.length > 0) await bucket.delete(old);
  const last = page.objects.at(-1)?.key;
  // The file keys of uploads begin with their time, so all uploads after a young one are young too.
  const onlyYounger = prefix === 'uploads/' && old.length < page.objects.length;
  const isDone = !page.truncated || onlyYounger || last === undefined;
  return isDone ? { deleted: old.length } : { deleted: old.length, cursor: last };
}
