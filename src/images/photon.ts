// Photon (Rust's image crate as WebAssembly) decodes PNG and WebP, and encodes all outputs except lossy WebP. It is instantiated
// here, because the package keeps one instance for ever, and after a trap that instance has lost memory and stack.
import photonModule from '@cf-wasm/photon/photon.wasm';
import { ImageError } from './image-error.ts';
import type { Pixels } from './pixels.ts';
import type { ImageHeader } from './read-header.ts';
import { WasmSlot } from './wasm-slot.ts';

/** The exports of photon 0.4 that are used here. Pointers and handles are numbers. Bytes come back as [pointer, length]. */
interface PhotonExports {
  memory: WebAssembly.Memory;
  __wbindgen_start(): void;
  __wbindgen_malloc(bytes: number, alignment: number): number;
  __wbindgen_free(pointer: number, bytes: number, alignment: number): void;
  __wbg_photonimage_free(handle: number, unused: 0): void;
  photonimage_new(pointer: number, bytes: number, width: number, height: number): number;
  photonimage_new_from_byteslice(pointer: number, bytes: number): number;
  photonimage_get_width(handle: number): number;
  photonimage_get_height(handle: number): number;
  photonimage_get_raw_pixels(handle: number): [number, number];
  photonimage_get_bytes(handle: number): [number, number];
  photonimage_get_bytes_jpeg(handle: number, quality: number): [number, number];
  photonimage_get_bytes_webp(handle: number): [number, number];
}

export const photonSlot = new WasmSlot<PhotonExports>(instantiate);

/** WebAssembly memory in bytes per pixel, measured with 6 megapixels. Decoders hold the picture two to four times. */
const DECODE_BYTES = { png: 12, webp: 15 };
/** The position of the bits per channel in a PNG header. 16 bits need twice the memory of 8. */
const PNG_BIT_DEPTH = 24;
const DEEP_PNG_BYTES = 17;
const ENCODE_BYTES = { jpeg: 13, png: 20, 'webp-lossless': 18 };
const EMPTY_INSTANCE_BYTES = 1.5 * 2 ** 20;

/** The WebAssembly memory for decoding a file, in bytes. */
export function foreseeDecodeBytes(bytes: Uint8Array, header: ImageHeader): number {
  const isDeep = header.format === 'png' && bytes[PNG_BIT_DEPTH] === 16;
  const perPixel = isDeep ? DEEP_PNG_BYTES : DECODE_BYTES[header.format === 'png' ? 'png' : 'webp'];
  return EMPTY_INSTANCE_BYTES + bytes.length + header.width * header.height * perPixel;
}

/** The WebAssembly memory for encoding, in bytes. */
export function foreseeEncodeBytes(pixels: number, format: keyof typeof ENCODE_BYTES): number {
  return EMPTY_INSTANCE_BYTES + pixels * ENCODE_BYTES[format];
}

/**
 * Decodes a picture at full size (the first frame of an animation) and passes the pixels to `use`. The pixels are valid until
 * `use` returns.
 * @throws ImageError `broken_image`
 */
export function decodeWithPhoton<T>(bytes: Uint8Array, use: (pixels: Pixels) => T): T {
  return photonSlot.run((photon) => {
    const handle = load(photon, bytes);
    const width = photon.photonimage_get_width(handle);
    const height = photon.photonimage_get_height(handle);
    const [pointer, length] = photon.photonimage_get_raw_pixels(handle);
    photon.__wbg_photonimage_free(handle, 0);
    const data = new Uint8Array(photon.memory.buffer, pointer, length);
    const result = use({ data, width, height, colour: 'rgba' });
    photon.__wbindgen_free(pointer, length, 1);
    return result;
  });
}

/** Encodes RGBA pixels. `quality` (1 to 100) applies to JPEG only: PNG and photon's WebP are lossless. */
export function encodeWithPhoton(pixels: Pixels, format: keyof typeof ENCODE_BYTES, quality: number): Uint8Array {
  return photonSlot.run((photon) => {
    const handle = photon.photonimage_new(copyIn(photon, pixels.data), pixels.data.length, pixels.width, pixels.height);
    const encode = {
      jpeg: () => photon.photonimage_get_bytes_jpeg(handle, quality),
      png: () => photon.photonimage_get_bytes(handle),
      'webp-lossless': () => photon.photonimage_get_bytes_webp(handle),
    };
    const [pointer, length] = encode[format]();
    const encoded = new Uint8Array(photon.memory.buffer, pointer, length).slice();
    photon.__wbindgen_free(pointer, length, 1);
    photon.__wbg_photonimage_free(handle, 0);
    return encoded;
  });
}

/** Photon panics on a file that it cannot decode. The panic arrives here as a WebAssembly trap. */
function load(photon: PhotonExports, bytes: Uint8Array): number {
  try {
    return photon.photonimage_new_from_byteslice(copyIn(photon, bytes), bytes.length);
  } catch (cause) {
    throw new ImageError('broken_image', 'The picture is truncated or damaged: it cannot be decoded.', { cause });
  }
}

/** Copies the bytes into WebAssembly memory. Photon owns the copy and frees it. */
function copyIn(photon: PhotonExports, bytes: Uint8Array): number {
  const pointer = photon.__wbindgen_malloc(bytes.length, 1);
  new Uint8Array(photon.memory.buffer, pointer, bytes.length).set(bytes);
  return pointer;
}

/** Photon's imports are for canvases in browsers. The functions used here call none of them. */
function instantiate(): PhotonExports {
  const imports: Record<string, Record<string, () => void>> = {};
  for (const { module, name } of WebAssembly.Module.imports(photonModule)) {
    imports[module] ??= {};
    imports[module][name] = () => {};
  }
  const photon = new WebAssembly.Instance(photonModule, imports).exports as unknown as PhotonExports;
  photon.__wbindgen_start();
  return photon;
}
