// Decodes JPEG at 1/8, 1/4, 1/2 or full size with imagescript's jpeg.wasm, which holds the full-size picture only when
// asked for full size. The needed memory is estimated first, so that no work begins that does not fit.
import jpegModule from 'imagescript/wasm/any/jpeg.wasm';
import { ImageError } from './image-error.ts';
import { adobeTransform, coloursOf } from './jpeg-colours.ts';
import { firstScanAt, type JpegFrame } from './jpeg-frame.ts';
import { CHANNELS, type Pixels } from './pixels.ts';
import { WasmSlot } from './wasm-slot.ts';

/** The exports of jpeg.wasm. Pointers and handles are numbers. A handle below 2 means failure. */
interface JpegExports {
  memory: WebAssembly.Memory;
  walloc(bytes: number): number;
  decode(pointer: number, bytes: number, minWidth: number, minHeight: number): number;
  decode_width(handle: number): number;
  decode_height(handle: number): number;
  decode_buffer(handle: number): number;
  decode_free(handle: number): void;
}

/** The scale, as a number of eighths of the stored size. */
export type Eighths = 1 | 2 | 4 | 8;

const EMPTY_INSTANCE_BYTES = 1.1 * 2 ** 20;

export const jpegSlot = new WasmSlot<JpegExports>(
  () => new WebAssembly.Instance(jpegModule).exports as unknown as JpegExports,
);

/** Adobe's marker. Its last byte is the transform that the decoder applies: 0 for none, 1 from YCbCr to RGB. */
const ADOBE = [0xff, 0xee, 0, 14, ...[...'Adobe'].map((letter) => letter.charCodeAt(0)), 0, 100, 0, 0, 0, 0];

/**
 * The WebAssembly memory for decoding, in bytes: the file, the colour planes, the pixels, and all coefficients if
 * progressive.
 */
export function foreseeJpegBytes(frame: JpegFrame, fileBytes: number, eighths: Eighths): number {
  const { width, height, sampling, progressive } = frame;
  const most = {
    horizontal: Math.max(...sampling.map((component) => component.horizontal)),
    vertical: Math.max(...sampling.map((component) => component.vertical)),
  };
  const share = sampling.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0);
  const samples = width * height * (share / (most.horizontal * most.vertical));
  const shrink = (eighths / 8) ** 2;
  const pixels = width * height * shrink * sampling.length;
  return EMPTY_INSTANCE_BYTES + fileBytes + samples * shrink + pixels + (progressive ? 2 * samples : 0);
}

/**
 * Decodes at the given scale and passes the pixels to `use`. The pixels are valid until `use` returns.
 * @throws ImageError `broken_image`
 */
export function decodeJpeg<T>(bytes: Uint8Array, frame: JpegFrame, eighths: Eighths, use: (pixels: Pixels) => T): T {
  return jpegSlot.run((jpeg) => {
    const stored = coloursOf(bytes, frame);
    // The colours of a smaller picture are converted after resizing, which is quicker. At full size, they are converted first,
    // as other programs do: the conversion cuts off what is brighter than white, and each pixel shows that.
    const converts = stored === 'ycc' && eighths === 8;
    const colour = converts ? 'rgb' : stored;
    const handle = decode(jpeg, bytes, converts ? 1 : 0, frame, eighths);
    const width = jpeg.decode_width(handle);
    const height = jpeg.decode_height(handle);
    const data = new Uint8Array(jpeg.memory.buffer, jpeg.decode_buffer(handle), width * height * CHANNELS[colour]);
    const result = use({ data, width, height, colour });
    jpeg.decode_free(handle);
    return result;
  });
}

/** Takes the smallest scale at which either side reaches its minimum. */
function decode(jpeg: JpegExports, bytes: Uint8Array, transform: 0 | 1, frame: JpegFrame, eighths: Eighths): number {
  const longest = Math.ceil((Math.max(frame.width, frame.height) * eighths) / 8);
  const never = 0xffff;
  const [minWidth, minHeight] = frame.width >= frame.height ? [longest, never] : [never, longest];
  const { pointer, length } = copyIn(jpeg, bytes, transform, frame);
  let handle: number;
  try {
    handle = jpeg.decode(pointer, length, minWidth, minHeight);
  } catch (cause) {
    throw new ImageError('broken_image', 'The JPEG is damaged: the decoder stopped in the middle of it.', { cause });
  }
  if (handle < 2) throw new ImageError('broken_image', 'The JPEG is damaged: its picture data cannot be decoded.');
  return handle;
}

/**
 * Copies the file into WebAssembly memory, with Adobe's marker behind all other headers; jpeg.wasm owns and frees the copy. A
 * picture of 4 components keeps its own marker. Without one, it gets what every program assumes.
 */
function copyIn(jpeg: JpegExports, bytes: Uint8Array, transform: 0 | 1, { ids }: JpegFrame) {
  const hasAdobe = ids.length === 4 && adobeTransform(bytes) !== undefined;
  const added = ids.length === 1 || hasAdobe ? [] : [...ADOBE, transform];
  const at = firstScanAt(bytes);
  const length = bytes.length + added.length;
  const pointer = jpeg.walloc(length);
  const copy = new Uint8Array(jpeg.memory.buffer, pointer, length);
  copy.set(bytes.subarray(0, at));
  copy.set(added, at);
  copy.set(bytes.subarray(at), at + added.length);
  return { pointer, length };
}
