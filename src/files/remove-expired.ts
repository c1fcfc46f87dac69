// Deletes old files in portions of limited size, for a clean-up that runs once a day.

export type FilePrefix = 'uploads/' | 'outputs/';

export interface Removal {
  deleted: number;
  bytes: number;
  /** True when no file older than the limit is left under the prefix. If false, call again with the cursor. */
  done: boolean;
  cursor?: string;
}

/** R2 lists and deletes at most this many keys in one call. */
const PORTION = 1000;

/**
 * Looks at `limit` files at most, beginning after `cursor`, and deletes those uploaded before `olderThan` (epoch
 * milliseconds). Running it twice, or only in part, does no harm. Weakness: if a task writes an output again between the
 * listing and the deletion, the output is deleted too. Keep `olderThan` far below the age of outputs that are still in use.
 */
export async function removeExpired(
  bucket: R2Bucket,
  prefix: FilePrefix,
  olderThan: number,
  limit: number,
  cursor?: string,
): Promise<Removal> {
  const removal: Removal = { deleted: 0, bytes: 0, done: false, ...(cursor !== undefined && { cursor }) };
  let after: { startAfter?: string; cursor?: string } = cursor === undefined ? {} : { startAfter: cursor };
  for (let left = limit; left > 0; ) {
    const page = await bucket.list({ prefix, limit: Math.min(PORTION, left), ...after });
    const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < olderThan);
    if (old.length > 0) await bucket.delete(old.map(({ key }) => key));
    removal.deleted += old.length;
    removal.bytes += old.reduce((sum, { size }) => sum + size, 0);
    const last = page.objects.at(-1)?.key;
    if (last !== undefined) removal.cursor = last;
    // The file keys of uploads begin with their time, so all uploads after a young one are young too.
    const onlyYounger = prefix === 'uploads/' && old.length < page.objects.length;
    if (!page.truncated || onlyYounger) {
      const { cursor: _, ...rest } = removal;
      return { ...rest, done: true };
    }
    after = { cursor: page.cursor };
    // R2 may return an empty page although more pages follow.
    left -= Math.max(1, page.objects.length);
  }
  return removal;
}
