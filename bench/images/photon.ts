// Photon alone, as most Workers use it: decode all pixels, Lanczos to 500 px, JPEG q80. Its memory is what the isolate holds.
import { initPhoton, PhotonImage, resize, SamplingFilter } from '@cf-wasm/photon/workerd';
import { type Shrunk, timeRounds } from './rounds.ts';

const BOX = 500;
const QUALITY = 80;

async function shrink(photo: Uint8Array): Promise<Shrunk> {
  const { memory } = await initPhoton.ensure();
  const image = PhotonImage.new_from_byteslice(photo);
  const scale = BOX / Math.max(image.get_width(), image.get_height());
  const [width, height] = [Math.round(image.get_width() * scale), Math.round(image.get_height() * scale)];
  const small = resize(image, width, height, SamplingFilter.Lanczos3);
  image.free();
  const bytes = small.get_bytes_jpeg(QUALITY).length;
  small.free();
  return { width, height, bytes, peakWasmBytes: memory.buffer.byteLength };
}

export default { fetch: (request: Request) => timeRounds(request, shrink) };
