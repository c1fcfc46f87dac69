// npx node bench/images/formats.ts: the table of docs/guides/images.md. Pictures of several formats and sizes, each to 500 px in a
// Worker of its own: which engine makes it, the processor time of workerd for it, and the most WASM memory it holds. The pictures
// are drawn with sharp, which comes with wrangler. Processor time hardly changes on a busy machine. It is read from /proc (Linux).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { cleanUp, freePort, start } from '../processes.ts';
import type { Shrunk } from './rounds.ts';

const ROUNDS = 7;
/** Rounds before the measured ones: until the code is compiled. */
const WARM_UP_ROUNDS = 3;
/** The unit of /proc/…/stat on Linux. */
const TICK_MS = 10;
const MIB = 1024 * 1024;

type Encode = (picture: Sharp) => Promise<Uint8Array>;

const FORMATS: Record<string, Encode> = {
  'JPEG, baseline': (picture) => picture.jpeg({ quality: 88 }).toBuffer(),
  'JPEG, progressive': (picture) => picture.jpeg({ quality: 88, progressive: true }).toBuffer(),
  PNG: (picture) => picture.png().toBuffer(),
  'PNG with alpha': (picture) => picture.ensureAlpha(0.5).png().toBuffer(),
  WebP: (picture) => picture.webp({ quality: 80 }).toBuffer(),
  GIF: (picture) => picture.gif().toBuffer(),
  BMP: encodeBmp,
};

/** Width and height of each picture, by its megapixels. */
const SIZES: Record<number, [width: number, height: number]> = {
  1: [1200, 900],
  6: [2800, 2100],
  12: [4032, 3024],
  48: [8064, 6048],
};

const WANTED: readonly [format: string, megapixels: number][] = [
  ...[1, 12, 48].map((size) => ['JPEG, baseline', size] as [string, number]),
  ...[1, 12, 48].map((size) => ['JPEG, progressive', size] as [string, number]),
  ...[1, 6, 12].map((size) => ['PNG', size] as [string, number]),
  ['PNG with alpha', 6],
  ...[1, 6, 12].map((size) => ['WebP', size] as [string, number]),
  ...[1, 6].map((size) => ['GIF', size] as [string, number]),
  ['BMP', 6],
];

console.log(
  '| picture | size | file | engine | peak WASM memory | processor time |\n| --- | --- | --- | --- | --- | --- |',
);
for (const [format, megapixels] of WANTED) console.log(await measure(format, megapixels));
await cleanUp();

async function measure(format: string, megapixels: number): Promise<string> {
  const [width, height] = SIZES[megapixels] ?? [0, 0];
  const picture = await FORMATS[format]?.(draw(width, height));
  if (!picture) throw new Error(`no format ${format}`);
  const port = await freePort();
  const settings = ['--ip', '127.0.0.1', '--port', `${port}`, '--inspector-port', '0'];
  const command = ['wrangler', 'dev', 'errand.ts', ...settings, '--show-interactive-dev-session=false'];
  const server = await start(command, /Ready on/, { cwd: join(import.meta.dirname), seconds: 90 });
  const shrink = async (rounds: number) => {
    const body = picture as Uint8Array<ArrayBuffer>;
    const reply = await fetch(`http://127.0.0.1:${port}/?rounds=${rounds}`, { method: 'POST', body });
    return { ok: reply.ok, text: await reply.text() };
  };
  await shrink(WARM_UP_ROUNDS);
  const before = processorMillis(server.group);
  const reply = await shrink(ROUNDS);
  // The Worker shrinks the picture once before it counts the rounds.
  const millis = (processorMillis(server.group) - before) / (ROUNDS + 1);
  await server.stop();
  const head = `| ${format} | ${width} × ${height}, ${megapixels} MP | ${(picture.length / MIB).toFixed(1)} MiB |`;
  if (!reply.ok) return `${head} none: ${reply.text} | | |`;
  const { engine, peakWasmBytes } = JSON.parse(reply.text) as Shrunk;
  return `${head} \`${engine}\` | ${(peakWasmBytes / MIB).toFixed(0)} MiB | ${millis.toFixed(0)} ms |`;
}

/** The processor time that the workerd of this group of processes has taken so far. */
function processorMillis(group: number): number {
  let ticks = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = statOf(pid);
    if (stat?.name === 'workerd' && stat.group === group) ticks += stat.ticks;
  }
  return ticks * TICK_MS;
}

/** Undefined for a process that has just ended. */
function statOf(pid: string): { name: string; group: number; ticks: number } | undefined {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    const fields = rest.split(' ');
    return { name, group: Number(fields[2]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined;
  }
}

/** 24 bits a pixel, from top to bottom; sharp writes no BMP. The widths here are multiples of four, so rows need no padding. */
async function encodeBmp(picture: Sharp): Promise<Uint8Array> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(54 + data.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, info.width, true);
  view.setInt32(22, -info.height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let at = 0; at < data.length; at += 3) {
    bytes[54 + at] = data[at + 2] ?? 0;
    bytes[55 + at] = data[at + 1] ?? 0;
    bytes[56 + at] = data[at] ?? 0;
  }
  return bytes;
}

/** Smooth colours with noise over them, the same for the same size. */
function draw(width: number, height: number): Sharp {
  const pixels = new Uint8Array(width * height * 3);
  let seed = 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      const light = 120 + 70 * Math.sin(x / 180) * Math.cos(y / 140) + (seed >>> 28) - 8;
      pixels[at++] = light;
      pixels[at++] = light * 0.8 + 20;
      pixels[at++] = 90 + (y / height) * 100;
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
