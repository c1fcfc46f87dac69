// Errand's image code alone, without its queue and storage: what src/images does for the default of POST /upload/image.
import { env } from 'cloudflare:workers';
import { createImages } from '../../src/images/index.ts';
import { type Shrunk, timeRounds } from './rounds.ts';

const images = createImages('auto', env.IMAGES);

async function shrink(photo: Uint8Array): Promise<Shrunk> {
  const options = { width: 500, height: 500, fit: 'inside', format: 'jpeg', quality: 80 } as const;
  const { outputs, peakWasmBytes, engine } = await images.resize(photo, [options]);
  const [output] = outputs;
  if (!output) throw new Error('no output');
  return { width: output.width, height: output.height, bytes: output.bytes.length, peakWasmBytes, engine };
}

export default { fetch: (request: Request) => timeRounds(request, shrink) };
