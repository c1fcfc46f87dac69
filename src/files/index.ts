// Files in R2: what users uploaded and what tasks wrote. Keys are made here and never from a user's name; a name is data
// beside the file. Payloads of the engine share the bucket but not the prefixes, and are not files.
import { v7 as uuidv7 } from 'uuid';
import { keptFilename } from './filename.ts';
import { type FilePrefix, type Removal, removeExpired } from './remove-expired.ts';
import { type StreamedUpload, uploadStream } from './upload-stream.ts';

export { type Digest, DigestMismatch, InvalidDigest, readDigests } from './digest.ts';
export { derivedFilename, faultOfFilename } from './filename.ts';
export { checkLink, MAX_LINK_SECONDS, signLink } from './link.ts';
export type { FilePrefix, Removal } from './remove-expired.ts';
export { SNIFF_BYTES, sniffType } from './sniff-type.ts';
export type { StreamedUpload } from './upload-stream.ts';

export interface StoredFile {
  key: string;
  size: number;
  etag: string;
  contentType: string;
  /** As the uploader called it. */
  filename: string;
  /** Epoch milliseconds. */
  uploadedAt: number;
}

export interface Files {
  /** Keeps an upload under a new key. `contentType` is what the bytes are, not what the uploader claims. */
  upload(
    body: ArrayBuffer | Uint8Array | ReadableStream,
    about: { filename: string; contentType: string },
  ): Promise<StoredFile>;
  /**
   * Keeps an upload of any size under a new key without holding it in memory, and sniffs what it is. A body that is not
   * `size` bytes long leaves nothing.
   * @throws DigestMismatch when a digest is not that of the bytes; then nothing is kept
   */
  uploadStream(body: ReadableStream, about: StreamedUpload): Promise<StoredFile>;
  /** Keeps what a task wrote. The same key twice leaves one file with the last name, so derive it from content and options. */
  write(key: OutputKey, bytes: Uint8Array, about: { filename: string; contentType: string }): Promise<StoredFile>;
  /**
   * undefined when there is no such file.
   * @throws FileTooLarge for more than `maxBytes`, default MAX_READ_BYTES, before anything is read
   */
  read(key: string, limit?: { maxBytes: number }): Promise<{ file: StoredFile; bytes: Uint8Array } | undefined>;
  /** What is known of the file without reading it. undefined when there is no such file. */
  stat(key: string): Promise<StoredFile | undefined>;
  /**
   * The R2 object, as a stream: all of it or the span, if the conditional headers hold; without a body if they do not.
   * undefined when there is no such file.
   */
  open(key: string, conditions: Headers, span?: Span): Promise<R2Object | R2ObjectBody | undefined>;
  /**
   * A page in the order of keys, which for uploads is that of time. `after`: the last key of the page before. Empty only
   * when there is nothing more.
   */
  list(prefix: FilePrefix, page: { limit: number; after?: string | undefined }): Promise<FilePage>;
  /** Deletes files; a key that is no file, or not there, is passed over. */
  delete(keys: readonly string[]): Promise<void>;
  /** Deletes files uploaded before `olderThan` (epoch ms), looking at `limit` at most. Not done: call again with its cursor. */
  removeExpired(prefix: FilePrefix, olderThan: number, limit: number, cursor?: string): Promise<Removal>;
}

export interface FilePage {
  files: StoredFile[];
  /** There are more. */
  truncated: boolean;
}

/** A part of a file, in bytes. */
export interface Span {
  offset: number;
  length: number;
}

/** What this project wrote, as opposed to what somebody uploaded. */
export type OutputKey = `outputs/${string}`;

/** A file that does not fit into memory. */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
}

/** What is read into memory at once; an isolate has 128 MB for everything. */
export const MAX_READ_BYTES = 40_000_000;

/** Prefixes under which files live; any other key is not a file. */
const FILE_PREFIXES: readonly FilePrefix[] = ['uploads/', 'outputs/'];

/** R2 deletes at most so many keys a call. */
const DELETE_PORTION = 1000;

export function isOutput(key: string): key is OutputKey {
  return key.startsWith('outputs/');
}

/** `outputs/<room>/<SHA-256 of all parts>.<extension>`: equal work has an equal key. */
export async function outputKey(room: string, parts: unknown[], extension: string): Promise<OutputKey> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(parts)));
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `outputs/${room}/${hex}.${extension}`;
}

export function createFiles(bucket: R2Bucket): Files {
  return {
    upload: (body, about) => put(bucket, newUploadKey(), body, about),
    uploadStream: async (body, about) => describe(await uploadStream(bucket, newUploadKey(), body, about)),
    write: (key, bytes, about) => put(bucket, key, bytes, about),
    async read(key, { maxBytes } = { maxBytes: MAX_READ_BYTES }) {
      const object = isFile(key) ? await bucket.get(key) : null;
      if (!object) return undefined;
      if (object.size > maxBytes) {
        await object.body.cancel();
        throw new FileTooLarge(`${key} is ${object.size} bytes; at most ${maxBytes} are read into memory`);
      }
      return { file: describe(object), bytes: new Uint8Array(await object.arrayBuffer()) };
    },
    async stat(key) {
      const object = isFile(key) ? await bucket.head(key) : null;
      return object ? describe(object) : undefined;
    },
    async open(key, conditions, span) {
      if (!isFile(key)) return undefined;
      return (await bucket.get(key, { onlyIf: conditions, ...(span && { range: span }) })) ?? undefined;
    },
    async list(prefix, { limit, after }) {
      const include: R2ListOptions['include'] = ['httpMetadata', 'customMetadata'];
      let page = await bucket.list({ prefix, limit, include, ...(after !== undefined && { startAfter: after }) });
      // R2 may answer with an empty page that is not the last one.
      while (page.truncated && page.objects.length === 0)
        page = await bucket.list({ prefix, limit, include, cursor: page.cursor });
      return { files: page.objects.map(describe), truncated: page.truncated };
    },
    async delete(keys) {
      const files = keys.filter(isFile);
      for (let at = 0; at < files.length; at += DELETE_PORTION)
        await bucket.delete(files.slice(at, at + DELETE_PORTION));
    },
    removeExpired: (prefix, olderThan, limit, cursor) => removeExpired(bucket, prefix, olderThan, limit, cursor),
  };
}

function newUploadKey(): string {
  return `uploads/${uuidv7()}`;
}

function isFile(key: string): boolean {
  return FILE_PREFIXES.some((prefix) => key.startsWith(prefix));
}

async function put(
  bucket: R2Bucket,
  key: string,
  body: ArrayBuffer | Uint8Array | ReadableStream,
  about: { filename: string; contentType: string },
): Promise<StoredFile> {
  return describe(
    await bucket.put(key, body, {
      httpMetadata: { contentType: about.contentType },
      customMetadata: { filename: encodeURIComponent(keptFilename(about.filename)) },
    }),
  );
}

/** What R2 knows of a file. */
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
