// Encodes lossy WebP with libwebp (@jsquash/webp). It loads only when an output needs it. Photon encodes everything else.
import { ImageError } from './image-error.ts';
import type { Pixels } from './pixels.ts';

/** What libwebp uses when it is asked for nothing else; only the quality is chosen. */
type EncodeOptions = Record<string, number>;

interface WebpModule {
  encode(data: Uint8Array, width: number, height: number, options: EncodeOptions): Uint8Array | null;
}

type Factory = (options: {
  noInitialRun: true;
  instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) => object;
}) => Promise<WebpModule>;

/** An encoder with WebAssembly memory of its own, for one picture: 16 MiB at least, which never shrink. */
export interface WebpEncoder {
  readonly heldBytes: number;
  /** @throws ImageError `image_too_large` if its memory does not grow far enough */
  encode(pixels: Pixels, quality: number): Uint8Array;
}

/** WebAssembly memory, measured with noise at quality 100. It grows in steps. */
const LEAST_BYTES = 20 * 2 ** 20;
const EMPTY_BYTES = 3 * 2 ** 20;
const PIXEL_BYTES = 14;
/**
 * Larger pictures are encoded in two passes, in half again the time. In one pass, the memory depends on their contents: up to 42
 * bytes per pixel.
 */
const ONE_PASS_PIXELS = 500_000;

/** The WebAssembly memory for encoding, in bytes. */
export function foreseeWebpBytes(pixels: number): number {
  return Math.max(LEAST_BYTES, EMPTY_BYTES + pixels * PIXEL_BYTES);
}

export async function loadWebpEncoder(): Promise<WebpEncoder> {
  const [{ default: wasm }, { default: factory }, { defaultOptions }] = await Promise.all([
    import('@jsquash/webp/codec/enc/webp_enc_simd.wasm'),
    import('@jsquash/webp/codec/enc/webp_enc_simd.js') as unknown as Promise<{ default: Factory }>,
    import('@jsquash/webp/meta.js'),
  ]);
  let memory: WebAssembly.Memory | undefined;
  const webp = await factory({
    noInitialRun: true,
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(wasm, imports);
      memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
      done(instance);
      return instance.exports;
    },
  });
  return {
    get heldBytes() {
      return memory?.buffer.byteLength ?? 0;
    },
    encode({ data, width, height }, quality) {
      const lowMemory = width * height > ONE_PASS_PIXELS ? 1 : 0;
      const encoded = webp.encode(data, width, height, { ...defaultOptions, quality, low_memory: lowMemory });
      if (encoded) return encoded;
      throw new ImageError('image_too_large', `To encode ${width}×${height} as WebP needs more memory than there is.`);
    },
  };
}
