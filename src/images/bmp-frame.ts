// Reads the headers of a BMP: those of Windows, versions 3 to 5, and those of OS/2, 1 and 2. It decodes no pixels.
import { ImageError } from './image-error.ts';
import type { Size } from './place.ts';

export interface BmpFrame extends Size {
  bitsPerPixel: 1 | 2 | 4 | 8 | 16 | 24 | 32;
  /** True: the pixels are packed as runs of the same colour. */
  inRuns: boolean;
  /** The first row is the top one. */
  topDown: boolean;
  /** Where the pixels begin. */
  pixelsAt: number;
  /** Blue, green and red of each colour, from 0 to 255; empty when the pixels hold their colours themselves. */
  palette: Uint8Array[];
  /** The bits of red, green, blue and alpha within a pixel of 16 or 32 bits. An alpha of 0 means that every pixel is opaque. */
  masks: readonly [red: number, green: number, blue: number, alpha: number];
}

/** The bytes of the file header. The picture header follows, and begins with its own length. */
const FILE_HEADER = 14;
/** The oldest header: sizes of 16 bits, and a palette of 3 bytes per colour. All others have 4. */
const OS2_1 = 12;
const WINDOWS_3 = 40;
/** From these lengths on, a header of Windows holds the bits of the colours, and of alpha too. */
const WITH_MASKS = 52;
const WITH_ALPHA = 56;
/** The header of OS/2 2.0 has 64 bytes or fewer. */
const OS2_2 = 64;

const RUNS_8 = 1;
const RUNS_4 = 2;
const MASKS = 3;
const MASKS_WITH_ALPHA = 6;
/** A header of OS/2 2.0 gives these two numbers another meaning. */
const OS2_FAX = 3;
const OS2_RUNS_24 = 4;

const BITS = [1, 2, 4, 8, 16, 24, 32] as const;
const MASKS_555 = [0x7c00, 0x3e0, 0x1f, 0] as const;
const MASKS_888 = [0xff0000, 0xff00, 0xff, 0] as const;

/**
 * Reads the headers and the palette.
 * @throws ImageError `broken_image` if they are damaged, `unsupported_image` for a kind that cannot be read
 */
export function readBmpFrame(bytes: Uint8Array): BmpFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < FILE_HEADER + OS2_1 ? 0 : view.getUint32(FILE_HEADER, true);
  if (length < OS2_1 || bytes.length < FILE_HEADER + length) throw brokenBmp('it ends within its header');
  const fields = length === OS2_1 ? oldFields(view) : newFields(view, length);
  const { width, height, bits, compression } = fields;
  if (width <= 0 || height === 0) throw brokenBmp('its header gives no size');
  checkKind(bits, compression, length);
  const inRuns = compression === RUNS_8 || compression === RUNS_4 || (length === OS2_2 && compression === OS2_RUNS_24);
  const { masks, end } = readMasks(view, length, bits, compression);
  const { palette, pixelsAt } = readPalette(bytes, view, end, fields, length === OS2_1 ? 3 : 4);
  return {
    ...{ width, height: Math.abs(height), topDown: height < 0 },
    ...{ bitsPerPixel: bits as BmpFrame['bitsPerPixel'], inRuns, pixelsAt, palette, masks },
  };
}

interface Fields {
  width: number;
  /** Negative when the first row is the top one. */
  height: number;
  bits: number;
  compression: number;
  /** The number of colours in the palette; 0 for as many as the bits can name. */
  colours: number;
}

function oldFields(view: DataView): Fields {
  const [width, height, bits] = [view.getUint16(18, true), view.getUint16(20, true), view.getUint16(24, true)];
  return { width, height, bits, compression: 0, colours: 0 };
}

/** A header of OS/2 2.0 may end after any field; a field that it does not have is 0. */
function newFields(view: DataView, length: number): Fields {
  const field = (at: number) => (at + 4 <= FILE_HEADER + length ? view.getUint32(at, true) : 0);
  return {
    width: view.getInt32(18, true),
    height: view.getInt32(22, true),
    bits: field(26) >>> 16,
    compression: field(30),
    colours: field(46),
  };
}

/** Refuses by name what cannot be read. */
function checkKind(bits: number, compression: number, length: number): void {
  const isOs2 = length === OS2_2;
  const fax = isOs2 && compression === OS2_FAX;
  const name = fax
    ? 'in the fax coding of OS/2 2.0'
    : ({
        4: isOs2 ? undefined : 'with a JPEG inside',
        5: 'with a PNG inside',
        11: 'in CMYK',
        12: 'in CMYK',
        13: 'in CMYK',
      }[compression] ?? (bits === 64 ? 'of 64 bits per pixel' : undefined));
  if (name) throw new ImageError('unsupported_image', `A BMP ${name} cannot be read: save it as PNG.`);
  const fits: Record<number, readonly number[]> = {
    0: BITS,
    [RUNS_8]: [8],
    [RUNS_4]: [4],
    [MASKS]: [16, 32],
    [OS2_RUNS_24]: [24],
    [MASKS_WITH_ALPHA]: [16, 32],
  };
  if (!fits[compression]?.includes(bits))
    throw brokenBmp(`its header gives ${bits} bits per pixel with compression ${compression}, which no BMP has`);
}

/** In a header of Windows 3, the masks follow behind it. `end`: where the headers end. */
function readMasks(view: DataView, length: number, bits: number, compression: number) {
  const headerEnd = FILE_HEADER + length;
  const given = compression === MASKS || compression === MASKS_WITH_ALPHA;
  if (!given || (bits !== 16 && bits !== 32)) return { masks: bits === 16 ? MASKS_555 : MASKS_888, end: headerEnd };
  const follow = length < WITH_MASKS;
  const hasAlpha = length >= WITH_ALPHA || compression === MASKS_WITH_ALPHA;
  const at = FILE_HEADER + WINDOWS_3;
  const end = follow ? at + (hasAlpha ? 16 : 12) : headerEnd;
  if (end > view.byteLength) throw brokenBmp('it ends within its header');
  const pixelsAt = view.getUint32(10, true);
  if (pixelsAt >= headerEnd && pixelsAt < end) throw brokenBmp('its pixels begin where its masks of colours should be');
  const [red, green, blue, alpha] = [0, 4, 8, 12].map((field) =>
    field < 12 || hasAlpha ? view.getUint32(at + field, true) : 0,
  ) as [number, number, number, number];
  if ([red, green, blue, alpha].some((mask) => !isOneBlock(mask)))
    throw brokenBmp('its masks of colours are not valid');
  return { masks: [red, green, blue, alpha] as const, end };
}

/** True if the bits that are set stand side by side. */
function isOneBlock(mask: number): boolean {
  return mask === 0 || /^1+0*$/.test(mask.toString(2));
}

/** The palette stands between the headers and the pixels; it may have fewer colours than its header says. */
function readPalette(bytes: Uint8Array, view: DataView, at: number, { bits, colours }: Fields, entry: 3 | 4) {
  const most = bits <= 8 ? 2 ** bits : 0;
  const said = view.getUint32(10, true);
  const pixelsAt = said >= at && said < bytes.length ? said : at + (bits <= 8 ? colours || most : 0) * entry;
  const count = Math.min(most, colours || most, Math.floor((pixelsAt - at) / entry));
  const palette = Array.from({ length: count }, (_, index) => bytes.slice(at + index * entry, at + index * entry + 3));
  return { palette, pixelsAt };
}

export function brokenBmp(fault: string): ImageError {
  return new ImageError('broken_image', `The BMP is damaged: ${fault}.`);
}
