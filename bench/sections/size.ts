// The Worker itself: its size gzipped, as a deploy would upload it, and the processor time of its start, as
// `wrangler check startup` profiles it in local workerd (on this machine's processor, not Cloudflare's).
import { join } from 'node:path';
import { run, scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { budget, median, type Row } from '../table.ts';

const MOST_KIB = 1000;
const MOST_MS = 50;
const SECONDS = 120;

export async function size(context: Context): Promise<Row[]> {
  const folder = await scratchFolder();
  const dryRun = await run(['wrangler', 'deploy', '--dry-run', '--outdir', folder], { seconds: SECONDS });
  const gzipKib = read(dryRun, /gzip: ([\d.]+) KiB/);
  context.say(`size: ${gzipKib} KiB gzip`);

  const millis: number[] = [];
  while (millis.length < (context.short ? 1 : 5)) {
    const command = ['wrangler', 'check', 'startup', '--outfile', join(folder, 'startup.cpuprofile')];
    millis.push(read(await run(command, { seconds: SECONDS }), /Active: ([\d.]+) ms/));
    context.say(`start-up: ${millis.at(-1)} ms active`);
  }
  return [
    budget('Worker size, gzip', gzipKib, MOST_KIB, 'KiB'),
    budget('Worker start-up, processor time', median(millis), MOST_MS, 'ms'),
  ];
}

function read(output: string, pattern: RegExp): number {
  const value = output.match(pattern)?.[1];
  if (value === undefined) throw new Error(`no ${pattern.source} in:\n${output.slice(-1000)}`);
  return Number(value);
}
