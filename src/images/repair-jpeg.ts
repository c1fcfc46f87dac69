// Adds what some cameras and programs leave out of a JPEG and every reader knows: the end marker, and the Huffman tables of the
// frames of a video.
import { ImageError } from './image-error.ts';
import { firstScanAt, segmentsOf } from './jpeg-frame.ts';

const DHT = 0xc4;
const SOS = 0xda;
const EOI = [0xff, 0xd9];

/** The number of codes of each length, and the first values, of the tables of ITU-T T.81, K.3. */
const LIGHT_DC = '00010501010101010100000000000000 000102030405060708090a0b';
const COLOUR_DC = '00030101010101010101010000000000 000102030405060708090a0b';
const LIGHT_AC = `0002010303020403050504040000017d
  01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435363738393a43444546
  4748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7
  b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa`;
const COLOUR_AC = `00020102040403040705040400010277
  0001020311040521310612415107617113223281081442 91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445
  464748494a535455565758595a636465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5
  b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa`;

/**
 * The file with what is missing. A marker of which only the first byte is there is left out. `lacksEnd`: the end marker was missing, so the picture may be cut off.
 */
export function repairJpeg(bytes: Uint8Array): { bytes: Uint8Array; lacksEnd: boolean } {
  let hasTables = false;
  let lacksEnd = true;
  for (const { code } of segmentsOf(bytes)) {
    if (code === DHT) hasTables = true;
    if (code === EOI[1]) lacksEnd = false;
  }
  if (hasTables && !lacksEnd) return { bytes, lacksEnd };
  const at = firstScanAt(bytes);
  const end = lacksEnd ? bytes.findLastIndex((byte) => byte !== 0xff) + 1 : bytes.length;
  const parts = [
    bytes.subarray(0, at),
    hasTables ? [] : standardTables(),
    bytes.subarray(at, end),
    lacksEnd ? EOI : [],
  ];
  return { bytes: joined(parts), lacksEnd };
}

/**
 * Every component must have been sent to its last bit. A file can be cut off between two scans. (The decoder finds what is missing
 * within one.)
 * @throws ImageError `broken_image`
 */
export function checkAllScans(bytes: Uint8Array): void {
  const sent = new Map<number, Set<number>>();
  for (const { code, at } of segmentsOf(bytes)) {
    if (code !== SOS) continue;
    const count = bytes[at + 3] ?? 0;
    const [first = 0, last = 0, bits = 0] = bytes.subarray(at + 4 + 2 * count, at + 7 + 2 * count);
    if ((bits & 15) !== 0) continue;
    for (let component = 0; component < count; component++) {
      const id = bytes[at + 4 + 2 * component] ?? 0;
      const done = sent.get(id) ?? new Set<number>();
      for (let coefficient = first; coefficient <= last; coefficient++) done.add(coefficient);
      sent.set(id, done);
    }
  }
  for (const { code, at } of segmentsOf(bytes)) {
    if (code !== 0xc0 && code !== 0xc1 && code !== 0xc2) continue;
    for (let component = 0; component < (bytes[at + 8] ?? 0); component++) {
      if ((sent.get(bytes[at + 9 + 3 * component] ?? 0)?.size ?? 0) < 64) throw cutOff();
    }
    return;
  }
}

/** All four tables in one segment, each with its class and number. */
function standardTables(): Uint8Array {
  const tables = [LIGHT_DC, LIGHT_AC, COLOUR_DC, COLOUR_AC].map(fromHex);
  const data = joined(tables.map((table, index) => joined([[[0x00, 0x10, 0x01, 0x11][index] ?? 0], table])));
  const length = data.length + 2;
  return joined([[0xff, DHT, length >> 8, length & 255], data]);
}

function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

function joined(parts: readonly ArrayLike<number>[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of parts) {
    whole.set(part, to);
    to += part.length;
  }
  return whole;
}

function cutOff(): ImageError {
  const message = 'The JPEG is damaged: it ends before its end marker, so part of the picture is missing.';
  return new ImageError('broken_image', message);
}
