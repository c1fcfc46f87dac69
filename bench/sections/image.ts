// A 12-megapixel JPEG to 500 px: Errand's image code and photon alone, each in a Worker of its own (bench/images), beside
// Pillow's thumbnail(). All three get the same bytes and time themselves; the Workers also report their peak of WASM memory.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PYTHON } from '../peers.ts';
import { freePort, run, type Server, scratchFolder, start } from '../processes.ts';
import { type Context, missing, titled } from '../section.ts';
import { compare, median, type Row, unmeasured } from '../table.ts';

const WHAT = '12 MP JPEG to 500 px';
const WIDTH = 4032;
const HEIGHT = 3024;
const PILLOW = join(import.meta.dirname, '..', 'peers', 'pillow.py');
const IMAGES = join(import.meta.dirname, '..', 'images');
/** Pillow may be twice as fast. */
const GOAL = 0.5;
const MIB = 1024 * 1024;

interface Seen {
  readonly millis: number[];
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** 0 for Pillow, which has none. */
  readonly peakWasmBytes: number;
}

export async function image(context: Context): Promise<Row[]> {
  const why = missing(context, 'pillow');
  if (why) return [unmeasured(WHAT, `${why} (it also draws the photo)`, 'skipped')];
  const photo = join(await scratchFolder(), 'photo.jpg');
  await run([PYTHON, PILLOW, 'photo', photo, `${WIDTH}`, `${HEIGHT}`], { seconds: 60 });
  const { pillow, photon, errand } = await measure(context, photo);
  const ours = median(errand.millis);
  const how = `median of ${errand.millis.length} rounds, taken in turn`;
  const goalText = '≥ 0.5 × (≤ 2 × its time)';
  const peer = `${titled(context, 'Pillow', 'pillow')} thumbnail`;
  return [
    compare({ what: WHAT, unit: 'ms', errand: ours, peer, value: median(pillow.millis), how, goal: GOAL, goalText }),
    compare({ what: WHAT, unit: 'ms', errand: ours, peer: 'photon alone', value: median(photon.millis), how }),
    compare({
      what: `${WHAT}, peak WASM memory`,
      unit: 'MiB',
      errand: errand.peakWasmBytes / MIB,
      peer: 'photon alone',
      value: photon.peakWasmBytes / MIB,
      how: 'the most that was held at once',
    }),
  ];
}

/** The three take turns, so that other load on the machine slows all of them. */
async function measure(context: Context, photo: string): Promise<Record<'pillow' | 'photon' | 'errand', Seen>> {
  const rounds = context.short ? 3 : 15;
  const thumbnail = [PYTHON, PILLOW, 'thumbnail', photo, `${rounds}`];
  const workers = [await startWorker('photon.ts'), await startWorker('errand.ts')] as const;
  try {
    const bytes = await readFile(photo);
    const seen: Record<'pillow' | 'photon' | 'errand', Seen[]> = { pillow: [], photon: [], errand: [] };
    for (let turn = 0; turn < (context.short ? 1 : 3); turn++) {
      const pillow = JSON.parse(await run(thumbnail, { seconds: 120 })) as Seen;
      seen.pillow.push(report(context, 'Pillow', pillow));
      seen.photon.push(report(context, 'photon alone', await workers[0].shrink(bytes, rounds)));
      seen.errand.push(report(context, 'Errand', await workers[1].shrink(bytes, rounds)));
    }
    return { pillow: merge(seen.pillow), photon: merge(seen.photon), errand: merge(seen.errand) };
  } finally {
    for (const worker of workers) await worker.stop();
  }
}

interface ImageWorker extends Server {
  shrink(photo: Uint8Array<ArrayBuffer>, rounds: number): Promise<Seen>;
}

/** One of bench/images in its own workerd. Each request warms up with one round and times the others. */
async function startWorker(file: string): Promise<ImageWorker> {
  const port = await freePort();
  const settings = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', '0'];
  const command = ['wrangler', 'dev', file, ...settings, '--show-interactive-dev-session=false'];
  const server = await start(command, /Ready on/, { cwd: IMAGES, seconds: 90 });
  async function shrink(body: Uint8Array<ArrayBuffer>, rounds: number): Promise<Seen> {
    const response = await fetch(`http://127.0.0.1:${port}/?rounds=${rounds}`, { method: 'POST', body });
    if (!response.ok) throw new Error(`${file}: ${response.status} ${(await response.text()).slice(0, 500)}`);
    return (await response.json()) as Seen;
  }
  return { shrink, stop: server.stop };
}

function merge(turns: readonly Seen[]): Seen {
  const [first] = turns;
  if (!first) throw new Error('no turns');
  const peakWasmBytes = Math.max(...turns.map((turn) => turn.peakWasmBytes));
  return { ...first, millis: turns.flatMap((turn) => turn.millis), peakWasmBytes };
}

function report(context: Context, name: string, seen: Seen): Seen {
  const memory = seen.peakWasmBytes ? `, ${(seen.peakWasmBytes / MIB).toFixed(1)} MiB of WASM` : '';
  const size = `${seen.width} × ${seen.height}, ${Math.round(seen.bytes / 1024)} KiB`;
  context.say(`${name}: ${median(seen.millis).toFixed(1)} ms for ${size}${memory}`);
  return seen;
}
