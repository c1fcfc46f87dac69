// BMPs of every kind, made byte by byte: all show the same 5 × 3 pixels.

/** Red, green and blue by column and row. The colours are exact in 4 bits per channel and more. */
export const WIDTH = 5;
export const HEIGHT = 3;
export const COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
] as const;
/** The number of the colour of each pixel, from the top. */
export const NUMBERS = [
  [0, 1, 2, 3, 0],
  [1, 1, 1, 1, 1],
  [3, 2, 1, 0, 3],
];

export interface BmpOptions {
  /** The length of the second header. */
  header?: number;
  bits?: number;
  compression?: number;
  topDown?: boolean;
  /** Of red, green, blue and, if there is one, alpha. */
  masks?: number[];
  /** What stands in the place of the pixels. */
  packed?: number[];
  /** The alpha of every pixel as a share of the most. */
  alpha?: number;
}

export function aBmpOf(options: BmpOptions = {}): Uint8Array {
  const { header = 40, bits = 24, compression = 0, masks = [], packed, topDown = false } = options;
  const behind = header === 40 ? masks.flatMap((mask) => long(mask)) : [];
  const entry = header === 12 ? 3 : 4;
  const palette = bits <= 8 ? COLOURS.flatMap(([r, g, b]) => [b, g, r, 0].slice(0, entry)) : [];
  const filled = bits <= 8 ? Array.from({ length: 2 ** bits * entry }, (_, at) => palette[at] ?? 0) : [];
  const pixels = packed ?? rowsOf(options);
  const pixelsAt = 14 + header + behind.length + filled.length;
  const bytes = new Uint8Array(pixelsAt + pixels.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, pixelsAt, true);
  view.setUint32(14, header, true);
  if (header === 12)
    for (const [at, value] of [WIDTH, HEIGHT, 1, bits].entries()) view.setUint16(18 + 2 * at, value, true);
  else {
    view.setInt32(18, WIDTH, true);
    view.setInt32(22, topDown ? -HEIGHT : HEIGHT, true);
    view.setUint16(26, 1, true);
    view.setUint16(28, bits, true);
    if (header >= 20) view.setUint32(30, compression, true);
    if (header >= 52) for (const [index, mask] of masks.entries()) view.setUint32(54 + 4 * index, mask, true);
  }
  bytes.set([...behind, ...filled, ...pixels], 14 + header);
  return bytes;
}

function rowsOf({
  bits = 24,
  masks = bits === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff],
  topDown,
  alpha = 0,
}: BmpOptions) {
  return (topDown ? NUMBERS : NUMBERS.toReversed()).flatMap((row) => {
    const line = bits <= 8 ? inBits(row, bits) : row.flatMap((number) => colourBytes(number, bits, masks, alpha));
    return [...line, ...new Array((4 - (line.length % 4)) % 4).fill(0)];
  });
}

function inBits(row: number[], bits: number): number[] {
  const text = row.map((number) => number.toString(2).padStart(bits, '0')).join('');
  return (text.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

function colourBytes(number: number, bits: number, masks: number[], alpha: number): number[] {
  const [r, g, b] = COLOURS[number] ?? [0, 0, 0];
  if (bits === 24) return [b, g, r];
  const parts = [r / 255, g / 255, b / 255, alpha];
  const pixel = masks.reduce((sum, mask, index) => {
    const unit = mask & -mask;
    return (sum | (Math.round(((mask >>> 0) / (unit >>> 0)) * (parts[index] ?? 0)) * unit)) >>> 0;
  }, 0);
  return long(pixel).slice(0, bits / 8);
}

function long(value: number): number[] {
  return [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];
}
