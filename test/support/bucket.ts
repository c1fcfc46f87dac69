// A bucket in memory whose objects are as old as the test's clock says. R2 in workerd knows the real time only. It has what the
// clean-up uses, and pages as R2 does: in the order of keys, at most 1,000 objects.

/** `now`: epoch milliseconds. */
export function aBucket(now: () => number): R2Bucket & { uploaded: Map<string, number> } {
  const uploaded = new Map<string, number>();
  const bucket = {
    uploaded,
    async put(key: string) {
      uploaded.set(key, now());
    },
    async delete(keys: string | string[]) {
      for (const key of [keys].flat()) uploaded.delete(key);
    },
    async list({ prefix = '', limit = 1000, startAfter = '' }: R2ListOptions = {}) {
      if (limit > 1000) throw new Error('R2 lists at most 1,000 keys in one call');
      const keys = [...uploaded.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).sort();
      const objects = keys.slice(0, limit).map((key) => ({ key, uploaded: new Date(uploaded.get(key) ?? 0) }));
      return { objects, truncated: keys.length > limit, delimitedPrefixes: [] };
    },
  };
  return bucket as unknown as R2Bucket & { uploaded: Map<string, number> };
}
