// The engine's claim-check in R2: JSON texts by key.

/** Structurally the engine's PayloadStore; this room does not know the engine. */
export function createPayloads(bucket: R2Bucket) {
  return {
    async put(key: string, json: string): Promise<void> {
      await bucket.put(key, json, { httpMetadata: { contentType: 'application/json' } });
    },
    async get(
      key: string,
      limit: { maxBytes: number } = { maxBytes: Number.POSITIVE_INFINITY },
    ): Promise<string | undefined> {
      const object = await bucket.get(key);
      if (!object) return undefined;
      if (object.size <= limit.maxBytes) return object.text();
      await object.body.cancel();
      return undefined;
    },
    async open(key: string): Promise<ReadableStream | undefined> {
      return (await bucket.get(key))?.body;
    },
    /** R2 deletes at most 1,000 keys a call. */
    async delete(keys: string[]): Promise<void> {
      for (let at = 0; at < keys.length; at += 1000) await bucket.delete(keys.slice(at, at + 1000));
    },
  };
}
