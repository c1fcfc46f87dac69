// Deletes old files in bounded portions, for a clean-up that runs now and then.

export type FilePrefix = 'uploads/' | 'outputs/';

export interface Removal {
  deleted: number;
  bytes: number;
  /** Nothing older is left under the prefix. If not, call again with the cursor. */
  done: boolean;
  cursor?: string;
}

/** R2 lists and deletes at most so many keys a call. */
const PORTION = 1000;

/**
 * Looks at `limit` files at most, from the one after `cursor` on, and deletes those uploaded before `olderThan` (epoch
 * milliseconds). Running twice, or half, does no harm. Weakness: an output that is written again between the listing and
 * the deletion goes too, so keep what is in use well away from `olderThan`.
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
    // Keys of uploads begin with their time, so behind a young one there are only younger ones.
    const onlyYounger = prefix === 'uploads/' && old.length < page.objects.length;
    if (!page.truncated || onlyYounger) {
      const { cursor: _, ...rest } = removal;
      return { ...rest, done: true };
    }
    after = { cursor: page.cursor };
    // R2 may answer with an empty page that is not the last one.
    left -= Math.max(1, page.objects.length);
  }
  return removal;
}
