// The door of the file room: files in R2, uploaded by users or written by tasks. File keys are made here and must never be made
// from a user's filename. The engine's payloads are in the same bucket under other prefixes; they are not files.
import { v7 as uuidv7 } from 'uuid';
import { keptFilename } from './filename.ts';
import { type FilePrefix, type Removal, removeExpired } from './remove-expired.ts';
import { type StreamedUpload, uploadStream } from './upload-stream.ts';

export { type Digest, DigestMismatch, InvalidDigest, readDigests } from './digest.ts';
export { derivedFilename, faultOfFilename } from './filename.ts';
export { checkLink, MAX_LINK_SECONDS, signLink } from './link.ts';
export { SourceBroken } from './peek.ts';
export type { FilePrefix, Removal } from './remove-expired.ts';
export { SNIFF_BYTES, sniffType } from './sniff-type.ts';
export type { StreamedUpload } from './upload-stream.ts';

export interface StoredFile {
  key: string;
  size: number;
  etag: string;
  contentType: string;
  /** The name that the uploader gave. */
  filename: string;
  /** Epoch milliseconds. */
  uploadedAt: number;
}

export interface Files {
  /** Stores an upload under a new file key. `contentType` must come from the bytes, not from the uploader's claim. */
  upload(
    body: ArrayBuffer | Uint8Array | ReadableStream,
    about: { filename: string; contentType: string },
  ): Promise<StoredFile>;
  /**
   * Stores an upload of any size under a new file key, holding only a few kilobytes of it in memory, and finds its media
   * type from its first bytes. If the body is not `size` bytes long, nothing is stored.
   * @throws DigestMismatch when a digest does not match the bytes, SourceBroken when the body ends in an error; then nothing
   * is stored
   */
  uploadStream(body: ReadableStream, about: StreamedUpload): Promise<StoredFile>;
  /**
   * Stores what a task wrote. Writing the same file key twice leaves one file: make the key from the content and the
   * options.
   */
  write(fileKey: OutputKey, bytes: Uint8Array, about: { filename: string; contentType: string }): Promise<StoredFile>;
  /**
   * Reads the file into memory. Resolves to undefined when the file does not exist.
   * @throws FileTooLarge for more than `maxBytes` (default MAX_READ_BYTES), before any byte is read
   */
  read(fileKey: string, limit?: { maxBytes: number }): Promise<{ file: StoredFile; bytes: Uint8Array } | undefined>;
  /** Size, type and name of the file, without reading it. Resolves to undefined when the file does not exist. */
  stat(fileKey: string): Promise<StoredFile | undefined>;
  /**
   * The R2 object as a stream: the whole file, or the span. It has no body when a conditional header is not met.
   * Resolves to undefined when the file does not exist.
   */
  open(fileKey: string, conditions: Headers, span?: Span): Promise<R2Object | R2ObjectBody | undefined>;
  /**
   * One page of files in the order of file keys, which for uploads is the order of time. `after`: the last file key of the
   * page before. A page is empty only when there are no more files.
   */
  list(prefix: FilePrefix, page: { limit: number; after?: string | undefined }): Promise<FilePage>;
  /** Deletes files. Ignores keys that do not exist or are not file keys. */
  delete(fileKeys: readonly string[]): Promise<void>;
  /**
   * Deletes files uploaded before `olderThan` (epoch milliseconds), looking at `limit` files at most. If the result has a
   * cursor, call again with it.
   */
  removeExpired(prefix: FilePrefix, olderThan: number, cursor?: string, limit?: number): Promise<Removal>;
}

export interface FilePage {
  files: StoredFile[];
  /** True when there are more files after this page. */
  truncated: boolean;
}

/** A part of a file, in bytes. */
export interface Span {
  offset: number;
  length: number;
}

/** The file key of a file that a task wrote, as opposed to an upload. */
export type OutputKey = `outputs/${string}`;

/** The file is too large to be read into memory. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
}

/** The largest file that is read into memory. An isolate has 128 MB for everything. */
export const MAX_READ_BYTES = 40_000_000;

/** The prefixes of file keys. Any other key in the bucket does not belong to a file. */
const FILE_PREFIXES: readonly FilePrefix[] = ['uploads/', 'outputs/'];

/** The longest key that R2 takes. */
const MAX_KEY_BYTES = 1024;

/** R2 deletes at most this many keys in one call. */
const DELETE_PORTION = 1000;

/** True if the file key is that of a file that a task wrote. */
export function isOutput(fileKey: string): fileKey is OutputKey {
  return fileKey.startsWith('outputs/');
}

/** Makes `outputs/<room>/<SHA-256 of all parts>.<extension>`. Equal parts give an equal file key. */
export async function outputKey(room: string, parts: unknown[], extension: string): Promise<OutputKey> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts)));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `outputs/${room}/${hex}.${extension}`;
}

/** The files in an R2 bucket. */
export function createFiles(bucket: R2Bucket): Files {
  return {
    upload: (body, about) => put(bucket, newUploadKey(), body, about),
    uploadStream: async (body, about) => describe(await uploadStream(bucket, newUploadKey(), body, about)),
    write: (fileKey, bytes, about) => put(bucket, fileKey, bytes, about),
    async read(fileKey, { maxBytes } = { maxBytes: MAX_READ_BYTES }) {
      const object = isFile(fileKey) ? await bucket.get(fileKey) : null;
      if (!object) return undefined;
      if (object.size > maxBytes) {
        await object.body.cancel();
        throw new FileTooLarge(
          `The file ${fileKey} has ${object.size} bytes; at most ${maxBytes} bytes are read into memory.`,
        );
      }
      return { file: describe(object), bytes: new Uint8Array(await object.arrayBuffer()) };
    },
    async stat(fileKey) {
      const object = isFile(fileKey) ? await bucket.head(fileKey) : null;
      return object ? describe(object) : undefined;
    },
    async open(fileKey, conditions, span) {
      if (!isFile(fileKey)) return undefined;
      return (await bucket.get(fileKey, { onlyIf: conditions, ...(span && { range: span }) })) ?? undefined;
    },
    async list(prefix, { limit, after }) {
      const include: R2ListOptions['include'] = ['httpMetadata', 'customMetadata'];
      let page = await bucket.list({ prefix, limit, include, ...(after !== undefined && { startAfter: after }) });
      // R2 may return an empty page although more pages follow.
      while (page.truncated && page.objects.length === 0)
        page = await bucket.list({ prefix, limit, include, cursor: page.cursor });
      return { files: page.objects.map(describe), truncated: page.truncated };
    },
    async delete(fileKeys) {
      const files = fileKeys.filter(isFile);
      for (let at = 0; at < files.length; at += DELETE_PORTION)
        await bucket.delete(files.slice(at, at + DELETE_PORTION));
    },
    removeExpired: (prefix, olderThan, cursor, limit) => removeExpired(bucket, prefix, olderThan, cursor, limit),
  };
}

function newUploadKey(): string {
  return `uploads/${uuidv7()}`;
}

/** False also for a key that R2 could not hold, and would refuse with an error. */
function isFile(fileKey: string): boolean {
  const fits = fileKey.length <= MAX_KEY_BYTES && new TextEncoder().encode(fileKey).byteLength <= MAX_KEY_BYTES;
  return fits && FILE_PREFIXES.some((prefix) => fileKey.startsWith(prefix));
}

async function put(
  bucket: R2Bucket,
  fileKey: string,
  body: ArrayBuffer | Uint8Array | ReadableStream,
  about: { filename: string; contentType: string },
): Promise<StoredFile> {
  return describe(
    await bucket.put(fileKey, body, {
      httpMetadata: { contentType: about.contentType },
      customMetadata: { filename: encodeURIComponent(keptFilename(about.filename)) },
    }),
  );
}

/** Turns R2's metadata of a file into a StoredFile. */
export function describe(object: R2Object): StoredFile {
  return {
    key: object.key,
    size: object.size,
    etag: object.httpEtag,
    contentType: object.httpMetadata?.contentType ?? 'application/octet-stream',
    filename: decodeURIComponent(object.customMetadata?.filename ?? ''),
    uploadedAt: object.uploaded.getTime(),
  };
}
