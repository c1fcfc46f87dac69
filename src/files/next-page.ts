// One page of a bucket's keys. R2 may return an empty page although more pages follow.

/** Up to `limit` objects under the prefix after the key `after`, in the order of keys. Empty only when there are no more. */
export async function nextPage(
  bucket: R2Bucket,
  prefix: string,
  after: string | undefined,
  limit = 1000,
): Promise<R2Objects> {
  let from: { startAfter?: string; cursor?: string } = after === undefined ? {} : { startAfter: after };
  for (;;) {
    const page = await bucket.list({ prefix, limit, ...from });
    if (page.objects.length > 0 || !page.truncated) return page;
    from = { cursor: page.cursor };
  }
}
