// The parts of a workbook, which is a ZIP archive. It must never unpack a part beyond the size that the list of contents gives.
import { crc32 } from 'node:zlib';
import { DocumentError } from '../document-error.ts';
import { MAX_ZIP_ENTRIES } from '../limits.ts';

export interface Entry {
  /** With slashes, although some programs write backslashes. */
  name: string;
  packedBytes: number;
  bytes: number;
  /** Where its own header begins. */
  offset: number;
  method: number;
  crc: number;
}

export interface Archive {
  entries: Entry[];
  /** The unpacked bytes of a part; undefined when there is no such part. Its name is compared without regard to case. */
  open(name: string): ReadableStream<Uint8Array> | undefined;
}

const END_SIGNATURE = 0x06054b50;
const END_BYTES = 22;
const LARGE_END_SIGNATURE = 0x06064b50;
const LARGE_LOCATOR_BYTES = 20;
const ENTRY_SIGNATURE = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const LOCAL_BYTES = 30;
/** A comment of up to 65,535 bytes may follow the end record. */
const MAX_TAIL_BYTES = 65_535 + END_BYTES;
/** A field of 4 bytes with this value stands in the ZIP64 record, which some programs always write. */
const ELSEWHERE = 0xffffffff;
const ZIP64_FIELD = 1;
const STORED = 0;
const DEFLATED = 8;
const PIECE_BYTES = 65_536;

/** @throws DocumentError `invalid_xlsx`, `document_too_large` */
export function openArchive(bytes: Uint8Array): Archive {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = readDirectory(view);
  const byName = new Map(entries.map((entry) => [entry.name.toLowerCase(), entry]));
  return {
    entries,
    open(name) {
      const entry = byName.get(name.toLowerCase());
      return entry && unpack(packedPart(view, entry), entry);
    },
  };
}

export function damaged(why: string, cause?: unknown): DocumentError {
  return new DocumentError('invalid_xlsx', `The workbook is damaged: ${why}.`, { cause });
}

function readDirectory(view: DataView): Entry[] {
  const { count, offset } = findDirectory(view);
  if (count > MAX_ZIP_ENTRIES)
    throw new DocumentError(
      'document_too_large',
      `The workbook has ${count} entries; the limit is ${MAX_ZIP_ENTRIES}.`,
    );
  const entries: Entry[] = [];
  for (let index = 0, at = offset; index < count; index++) {
    if (at + ENTRY_BYTES > view.byteLength || view.getUint32(at, true) !== ENTRY_SIGNATURE)
      throw damaged('its list of contents is broken');
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + ENTRY_BYTES + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > view.byteLength) throw damaged('its list of contents is broken');
    const [unpacked, packed, start] = sizesOf(view, at, at + ENTRY_BYTES + nameBytes, extraBytes);
    entries.push({
      name: textAt(view, at + ENTRY_BYTES, nameBytes).replaceAll('\\', '/'),
      packedBytes: packed,
      bytes: unpacked,
      offset: start,
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
    });
    at = next;
  }
  return entries;
}

function findDirectory(view: DataView): { count: number; offset: number } {
  const first = Math.max(0, view.byteLength - MAX_TAIL_BYTES);
  for (let at = view.byteLength - END_BYTES; at >= first; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    const offset = view.getUint32(at + 16, true);
    if (offset !== ELSEWHERE) return { count: view.getUint16(at + 10, true), offset };
    const large = at < LARGE_LOCATOR_BYTES ? view.byteLength : numberAt(view, at - LARGE_LOCATOR_BYTES + 8);
    if (large + 56 > view.byteLength || view.getUint32(large, true) !== LARGE_END_SIGNATURE) break;
    return { count: numberAt(view, large + 32), offset: numberAt(view, large + 48) };
  }
  throw damaged('it is cut off: the list of its contents, at its end, is missing');
}

/** The unpacked size, the packed size and the offset of an entry, from its ZIP64 record if they stand there. */
function sizesOf(view: DataView, at: number, extraAt: number, extraBytes: number): [number, number, number] {
  const fields = [at + 24, at + 20, at + 42].map((field) => view.getUint32(field, true));
  let from = extraAt;
  while (from + 4 <= extraAt + extraBytes && view.getUint16(from, true) !== ZIP64_FIELD)
    from += 4 + view.getUint16(from + 2, true);
  let value = from + 4;
  const [unpacked = 0, packed = 0, offset = 0] = fields.map((field) => {
    if (field !== ELSEWHERE || value + 8 > extraAt + extraBytes) return field;
    value += 8;
    return numberAt(view, value - 8);
  });
  return [unpacked, packed, offset];
}

function packedPart(view: DataView, { name, offset, packedBytes }: Entry): Uint8Array {
  const header = offset + LOCAL_BYTES <= view.byteLength && view.getUint32(offset, true) === LOCAL_SIGNATURE;
  if (!header) throw damaged(`${JSON.stringify(name.slice(0, 80))} is not where its list of contents says`);
  const start = offset + LOCAL_BYTES + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + packedBytes > view.byteLength) throw damaged(`${JSON.stringify(name.slice(0, 80))} is cut off`);
  return new Uint8Array(view.buffer, view.byteOffset + start, packedBytes);
}

/** Throws `invalid_xlsx` while it is read, if the size or the checksum is not the one in the list of contents. */
function unpack(packed: Uint8Array, { name, bytes, method, crc }: Entry): ReadableStream<Uint8Array> {
  const shown = JSON.stringify(name.slice(0, 80));
  if (method !== STORED && method !== DEFLATED)
    throw damaged(`${shown} is packed by a method that workbooks do not use`);
  const stream = piecesOf(packed);
  const unpacked = method === STORED ? stream : stream.pipeThrough(new DecompressionStream('deflate-raw'));
  let size = 0;
  let sum = 0;
  const check = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.length;
      if (size > bytes) throw damaged(`${shown} unpacks to more than its list of contents says`);
      sum = crc32(chunk, sum);
      controller.enqueue(chunk);
    },
    flush() {
      if (size !== bytes || sum !== crc) throw damaged(`${shown} is not what its checksum says`);
    },
  });
  return unpacked.pipeThrough(check);
}

/** The bytes piece by piece, without a copy of them: a part may have 30 MB. */
function piecesOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(at, at + PIECE_BYTES));
      at += PIECE_BYTES;
    },
  });
}

/** A number of 8 bytes. */
function numberAt(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

function textAt(view: DataView, at: number, length: number): string {
  return new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at, length));
}
