// An upload that passes through: its first bytes are looked at, its digest is checked by R2 as it is written, and no more
// of it than a few kilobytes is in memory at a time.
import { type Digest, DigestMismatch, sameBytes } from './digest.ts';
import { keptFilename } from './filename.ts';
import { peek } from './peek.ts';
import { SNIFF_BYTES, sniffType } from './sniff-type.ts';

export interface StreamedUpload {
  filename: string;
  /** What the uploader says it is: believed only of texts that no browser runs. */
  claimedType?: string | undefined;
  /** Bytes. */
  size: number;
  digests?: readonly Digest[];
}

/** R2's number for a checksum that does not fit. */
const BAD_DIGEST = /\(10037\)/;

/**
 * Streams a body of `size` bytes into R2. R2 keeps an object only when the stream ended at its length, and checks one
 * digest: the strongest. MD5, which it computes anyway, is checked beside another one, afterwards: who dies in between
 * leaves an object that nobody knows of, for the clean-up.
 * @throws DigestMismatch, and whatever broke the stream; then no object is left
 */
export async function uploadStream(
  bucket: R2Bucket,
  key: string,
  body: ReadableStream,
  { filename, claimedType, size, digests = [] }: StreamedUpload,
): Promise<R2Object> {
  const { head, stream, passed } = await peek(body, SNIFF_BYTES, size);
  const [strongest] = digests;
  const written = bucket.put(key, stream, {
    httpMetadata: { contentType: sniffType(head, { filename, claimedType }) },
    customMetadata: { filename: encodeURIComponent(keptFilename(filename)) },
    ...(strongest && { [strongest.algorithm]: strongest.value }),
  });
  // What R2 says comes first: a stream that R2 refused is broken, too, and only says so.
  const object = await written.catch((error: unknown) => {
    if (error instanceof Error && BAD_DIGEST.test(error.message))
      throw new DigestMismatch('the digest is not that of the bytes that arrived', { cause: error });
    throw error;
  });
  await passed;
  const md5 = digests.find(({ algorithm }) => algorithm === 'md5');
  if (md5 && object.checksums.md5 && !sameBytes(new Uint8Array(object.checksums.md5), md5.value)) {
    await bucket.delete(key);
    throw new DigestMismatch('the MD5 digest is not that of the bytes that arrived');
  }
  return object;
}
