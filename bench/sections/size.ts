// The Worker itself: its size as a deploy would upload it, and the processor time of its start, as `wrangler check startup`
// profiles it in local workerd (on this machine's processor, not Cloudflare's).
import { join } from 'node:path';
import { run, scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { measure, median, type Row } from '../table.ts';

const MOST_GZIP_KIB = 1000;
const MOST_MS = 50;
/** Cloudflare's limits, the same on every plan: of the size without compression, and of the start. */
const LIMIT_MIB = 64;
const LIMIT_MS = 1000;
const SECONDS = 120;

export async function size(context: Context): Promise<Row[]> {
  const folder = await scratchFolder();
  const dryRun = await run(['wrangler', 'deploy', '--dry-run', '--outdir', folder], { seconds: SECONDS });
  const mib = read(dryRun, /Total Upload: ([\d.]+) KiB/) / 1024;
  const gzipKib = read(dryRun, /gzip: ([\d.]+) KiB/);
  context.say(`size: ${mib.toFixed(2)} MiB, ${gzipKib} KiB gzip`);

  const millis: number[] = [];
  while (millis.length < (context.short ? 1 : 5)) {
    const command = ['wrangler', 'check', 'startup', '--outfile', join(folder, 'startup.cpuprofile')];
    millis.push(read(await run(command, { seconds: SECONDS }), /Active: ([\d.]+) ms/));
    context.say(`start-up: ${millis.at(-1)} ms active`);
  }
  const how = 'wrangler deploy --dry-run';
  return [
    measure({
      what: 'Worker size, uncompressed',
      unit: 'MiB',
      value: mib,
      beside: { name: "Cloudflare's limit", value: LIMIT_MIB },
      how,
    }),
    measure({ what: 'Worker size, gzip', unit: 'KiB', value: gzipKib, most: MOST_GZIP_KIB, how }),
    measure({
      what: 'Worker start-up, processor time',
      unit: 'ms',
      value: median(millis),
      beside: { name: "Cloudflare's limit", value: LIMIT_MS },
      most: MOST_MS,
      how: `wrangler check startup, median of ${millis.length}`,
    }),
  ];
}

function read(output: string, pattern: RegExp): number {
  const value = output.match(pattern)?.[1];
  if (value === undefined) throw new Error(`no ${pattern.source} in:\n${output.slice(-1000)}`);
  return Number(value);
}
