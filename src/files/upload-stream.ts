// Streams an upload into R2: finds its media type from the first bytes and has R2 check its digest. It must never hold more than
// a few kilobytes of the upload in memory.
import { type Digest, DigestMismatch, sameBytes } from './digest.ts';
import { keptFilename } from './filename.ts';
import { peek, SourceBroken } from './peek.ts';
import { SNIFF_BYTES, sniffType } from './sniff-type.ts';

export interface StreamedUpload {
  filename: string;
  /** The media type that the uploader claims. It is used only for texts that no browser runs. */
  claimedType?: string | undefined;
  /** Bytes. */
  size: number;
  digests?: readonly Digest[];
}

/** R2's error number for a checksum that does not match. */
const BAD_DIGEST = /\(10037\)/;
/** After R2 has failed, a source that broke says so at once. */
const SOURCE_MS = 1000;

/**
 * Streams a body of `size` bytes into R2. R2 stores an object only if the stream has exactly this length, and it checks one
 * digest, the strongest. R2 computes MD5 anyway, so a second digest in MD5 is checked after the upload. Weakness: if the
 * Worker dies before that second check, an object without a known file key is left for the clean-up.
 * @throws DigestMismatch, SourceBroken, or the error that broke the stream; then no object is left
 */
export async function uploadStream(
  bucket: R2Bucket,
  fileKey: string,
  body: ReadableStream,
  { filename, claimedType, size, digests = [] }: StreamedUpload,
): Promise<R2Object> {
  const { head, stream, passed } = await peek(body, SNIFF_BYTES, size);
  const [strongest] = digests;
  const written = bucket.put(fileKey, stream, {
    httpMetadata: { contentType: sniffType(head, { filename, claimedType }) },
    customMetadata: { filename: encodeURIComponent(keptFilename(filename)) },
    ...(strongest && { [strongest.algorithm]: strongest.value }),
  });
  // Report R2's error first: when R2 refuses a stream, the stream breaks too, with an error that says less.
  const object = await written.catch(async (error: unknown) => {
    if (error instanceof Error && BAD_DIGEST.test(error.message))
      throw new DigestMismatch('The digest does not match the bytes that arrived. Send the file again.', {
        cause: error,
      });
    // R2 fails too if the sender has gone; only the source tells which of the two it was.
    await Promise.race([passed.catch(asSourceBroken), scheduler.wait(SOURCE_MS)]);
    throw error;
  });
  await passed;
  const md5 = digests.find(({ algorithm }) => algorithm === 'md5');
  if (md5 && object.checksums.md5 && !sameBytes(new Uint8Array(object.checksums.md5), md5.value)) {
    await bucket.delete(fileKey);
    throw new DigestMismatch('The MD5 digest does not match the bytes that arrived. Send the file again.');
  }
  return object;
}

/** Other errors of the source say less than R2's. */
function asSourceBroken(error: unknown): void {
  if (error instanceof SourceBroken) throw error;
}
