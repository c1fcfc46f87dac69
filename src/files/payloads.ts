// Stores the engine's payloads in R2 when they are too large for a row of D1: JSON texts under payload keys. A payload must never
// be served as a file.
import { nextPage } from './next-page.ts';

/** Has the shape of the engine's PayloadStore; this room must not import the engine. */
export function createPayloads(bucket: R2Bucket) {
  return {
    async put(payloadKey: string, json: string): Promise<void> {
      await bucket.put(payloadKey, json, { httpMetadata: { contentType: 'application/json' } });
    },
    /** Resolves to undefined when there is no such payload, or when it is larger than `maxBytes`. */
    async get(
      payloadKey: string,
      limit: { maxBytes: number } = { maxBytes: Number.POSITIVE_INFINITY },
    ): Promise<string | undefined> {
      const object = await bucket.get(payloadKey);
      if (!object) return undefined;
      if (object.size <= limit.maxBytes) return object.text();
      await object.body.cancel();
      return undefined;
    },
    async open(payloadKey: string): Promise<ReadableStream | undefined> {
      return (await bucket.get(payloadKey))?.body;
    },
    async list(prefix: string, after: string | undefined): Promise<{ key: string; writtenAt: number }[]> {
      const { objects } = await nextPage(bucket, prefix, after);
      return objects.map(({ key, uploaded }) => ({ key, writtenAt: uploaded.getTime() }));
    },
    /** R2 deletes at most 1,000 keys in one call. */
    async delete(payloadKeys: string[]): Promise<void> {
      for (let at = 0; at < payloadKeys.length; at += 1000) await bucket.delete(payloadKeys.slice(at, at + 1000));
    },
  };
}
