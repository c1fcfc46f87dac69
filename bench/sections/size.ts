// The Worker itself, beside the same of an earlier commit: its size as a deploy would upload it, and the processor time of its
// start, both on this machine and in turn.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOut } from '../check-out.ts';
import { run, scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { measure, median, type Row } from '../table.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The last commit whose fonts were in the bundle. */
const BEFORE = '88590de';
const MOST_OF_BEFORE = 0.6;
/** Cloudflare's limits, the same on every plan: of the size without compression, and of the start. */
const LIMIT_MIB = 64;
const SECONDS = 300;

interface Build {
  project: string;
  folder: string;
  mib: number;
  gzipKib: number;
}

export async function size(context: Context): Promise<Row[]> {
  const ref = context.against ?? BEFORE;
  const [now, before] = [await build(ROOT), await build(await checkOut(ref))];
  context.say(`size: ${now.gzipKib} KiB gzip; of ${ref}: ${before.gzipKib} KiB`);

  const empty: number[] = [];
  const millis: number[] = [];
  const millisBefore: number[] = [];
  while (millis.length < (context.short ? 2 : 15)) {
    empty.push(await start(ROOT));
    millis.push(await start(now.project, now.folder));
    millisBefore.push(await start(before.project, before.folder));
  }
  // What workerd itself takes is in all three. The shortest counts: other programs only ever make a start longer.
  const [floor, mine, theirs] = [empty, millis, millisBefore].map((all) => Math.min(...all)) as [
    number,
    number,
    number,
  ];
  context.say(`start-up: ${Math.round(mine)} ms; of ${ref}: ${Math.round(theirs)} ms; empty: ${Math.round(floor)} ms`);
  context.say(`medians: ${[millis, millisBefore, empty].map((all) => Math.round(median(all))).join(', ')} ms`);
  const how = 'wrangler deploy --dry-run';
  return [
    measure({
      what: 'Worker size, uncompressed',
      unit: 'MiB',
      value: now.mib,
      beside: { name: "Cloudflare's limit", value: LIMIT_MIB },
      how,
    }),
    measure({
      what: 'Worker size, gzip',
      unit: 'KiB',
      value: now.gzipKib,
      beside: { name: ref, value: before.gzipKib },
      most: before.gzipKib * MOST_OF_BEFORE,
      how,
    }),
    measure({
      what: 'Worker start-up, processor time',
      unit: 'ms',
      value: mine - floor,
      beside: { name: ref, value: theirs - floor },
      most: (theirs - floor) * MOST_OF_BEFORE,
      how: `workerd's, above an empty Worker; shortest of ${millis.length} in turn`,
    }),
  ];
}

async function build(project: string): Promise<Build> {
  const folder = await scratchFolder();
  // wrangler wants the folder of the assets, which are no part of the size.
  await mkdir(join(project, 'dist', 'dashboard'), { recursive: true });
  const command = ['wrangler', 'deploy', '--dry-run', '--outdir', folder];
  const output = await run(command, { cwd: project, seconds: SECONDS });
  const mib = read(output, /Total Upload: ([\d.]+) KiB/) / 1024;
  return { project, folder, mib, gzipKib: read(output, /gzip: ([\d.]+) KiB/) };
}

async function start(project: string, folder?: string): Promise<number> {
  const command = [
    'node',
    join(ROOT, 'bench', 'startup.ts'),
    join(project, 'wrangler.toml'),
    ...(folder ? [folder] : []),
  ];
  return Number(await run(command, { cwd: ROOT, seconds: SECONDS }));
}

function read(output: string, pattern: RegExp): number {
  const value = output.match(pattern)?.[1];
  if (value === undefined) throw new Error(`no ${pattern.source} in:\n${output.slice(-1000)}`);
  return Number(value);
}
