// Files in R2: what users uploaded and what tasks wrote. Keys are made here and never from a user's name; a name is data
// beside the file. Payloads of the engine share the bucket but not the prefixes, and are not files.
import { v7 as uuidv7 } from 'uuid';

export interface StoredFile {
  key: string;
  size: number;
  etag: string;
  contentType: string;
  /** As the uploader called it. */
  filename: string;
}

export interface Files {
  /** Keeps an upload under a new key. `contentType` is what the bytes are, not what the uploader claims. */
  upload(
    body: ArrayBuffer | Uint8Array | ReadableStream,
    about: { filename: string; contentType: string },
  ): Promise<StoredFile>;
  /** Keeps what a task wrote. The same key twice leaves one file, so derive it from content and options. */
  write(key: OutputKey, bytes: Uint8Array, about: { filename: string; contentType: string }): Promise<StoredFile>;
  /** undefined when there is no such file. */
  read(key: string): Promise<{ file: StoredFile; bytes: Uint8Array } | undefined>;
  /** What is known of the file without reading it. undefined when there is no such file. */
  stat(key: string): Promise<StoredFile | undefined>;
  /**
   * The R2 object, as a stream: all of it or the span, if the conditional headers hold; without a body if they do not.
   * undefined when there is no such file.
   */
  open(key: string, conditions: Headers, span?: Span): Promise<R2Object | R2ObjectBody | undefined>;
}

/** A part of a file, in bytes. */
export interface Span {
  offset: number;
  length: number;
}

/** What this project wrote, as opposed to what somebody uploaded. */
export type OutputKey = `outputs/${string}`;

/** Prefixes under which files live; any other key is not a file. */
const FILE_PREFIXES = ['uploads/', 'outputs/'];

/** R2 keeps 2,048 bytes of metadata; percent-encoded, a character takes up to nine. */
const MAX_FILENAME_CHARACTERS = 200;

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
    upload: (body, about) => put(bucket, `uploads/${uuidv7()}`, body, about),
    write: (key, bytes, about) => put(bucket, key, bytes, about),
    async read(key) {
      const object = isFile(key) ? await bucket.get(key) : null;
      return object ? { file: describe(object), bytes: new Uint8Array(await object.arrayBuffer()) } : undefined;
    },
    async stat(key) {
      const object = isFile(key) ? await bucket.head(key) : null;
      return object ? describe(object) : undefined;
    },
    async open(key, conditions, span) {
      if (!isFile(key)) return undefined;
      return (await bucket.get(key, { onlyIf: conditions, ...(span && { range: span }) })) ?? undefined;
    },
  };
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
  const { contentType } = about;
  const filename = about.filename.slice(0, MAX_FILENAME_CHARACTERS).toWellFormed();
  const object = await bucket.put(key, body, {
    httpMetadata: { contentType },
    customMetadata: { filename: encodeURIComponent(filename) },
  });
  return { key, size: object.size, etag: object.httpEtag, contentType, filename };
}

/** What R2 knows of a file. */
export function describe(object: R2Object): StoredFile {
  return {
    key: object.key,
    size: object.size,
    etag: object.httpEtag,
    contentType: object.httpMetadata?.contentType ?? 'application/octet-stream',
    filename: decodeURIComponent(object.customMetadata?.filename ?? ''),
  };
}
