// Decodes JPEG at 1/8, 1/4, 1/2 or full size with imagescript's jpeg.wasm, which holds the full-size picture only when
// asked for full size. The needed memory is estimated first, so that no work begins that does not fit.
import jpegModule from 'imagescript/wasm/any/jpeg.wasm';
import { ImageError } from './image-error.ts';
import { hasAdobeMarker, type JpegFrame } from './jpeg-frame.ts';
import { CHANNELS, type Colour, type Pixels } from './pixels.ts';
import { WasmSlot } from './wasm-slot.ts';

/** The exports of jpeg.wasm. Pointers and handles are numbers. A handle below 2 means failure. */
interface JpegExports {
  memory: WebAssembly.Memory;
  walloc(bytes: number): number;
  decode(pointer: number, bytes: number, minWidth: number, minHeight: number): number;
  decode_width(handle: number): number;
  decode_height(handle: number): number;
  decode_format(handle: number): number;
  decode_buffer(handle: number): number;
  decode_free(handle: number): void;
}

/** The scale, as a number of eighths of the stored size. */
export type Eighths = 1 | 2 | 4 | 8;

const COLOURS: readonly Colour[] = ['grey', 'rgb', 'cmyk'];
const EMPTY_INSTANCE_BYTES = 1.1 * 2 ** 20;

export const jpegSlot = new WasmSlot<JpegExports>(
  () => new WebAssembly.Instance(jpegModule).exports as unknown as JpegExports,
);

/** False for 4 components without Adobe's marker: the only valid JPEG that this decoder refuses. */
export function isReadable(frame: JpegFrame, bytes: Uint8Array): boolean {
  return frame.sampling.length < 4 || hasAdobeMarker(bytes);
}

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
    const handle = decode(jpeg, bytes, frame, eighths);
    const width = jpeg.decode_width(handle);
    const height = jpeg.decode_height(handle);
    const colour = COLOURS[jpeg.decode_format(handle)] ?? 'rgb';
    const data = new Uint8Array(jpeg.memory.buffer, jpeg.decode_buffer(handle), width * height * CHANNELS[colour]);
    const result = use({ data, width, height, colour });
    jpeg.decode_free(handle);
    return result;
  });
}

/** jpeg.wasm owns and frees the copy of the file. It takes the smallest scale at which either side reaches its minimum. */
function decode(jpeg: JpegExports, bytes: Uint8Array, frame: JpegFrame, eighths: Eighths): number {
  const longest = Math.ceil((Math.max(frame.width, frame.height) * eighths) / 8);
  const never = 0xffff;
  const [minWidth, minHeight] = frame.width >= frame.height ? [longest, never] : [never, longest];
  const pointer = jpeg.walloc(bytes.length);
  new Uint8Array(jpeg.memory.buffer, pointer, bytes.length).set(bytes);
  let handle: number;
  try {
    handle = jpeg.decode(pointer, bytes.length, minWidth, minHeight);
  } catch (cause) {
    throw new ImageError('broken_image', 'The JPEG is damaged: the decoder stopped in the middle of it.', { cause });
  }
  if (handle < 2) throw new ImageError('broken_image', 'The JPEG is damaged: its picture data cannot be decoded.');
  return handle;
}
