// The Worker itself, beside the same of an earlier commit: its size as a deploy would upload it, and the processor time of its
// start (bench/startup.ts), both on this machine and in turn.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOut } from '../check-out.ts';
import { run, scratchFolder } from '../processes.ts';
import type { Context } from '../section.ts';
import { startConfig, startMillis } from '../startup.ts';
import { figures, measure, median, type Row } from '../table.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** The last commit whose fonts were in the bundle. */
const BEFORE = '88590de';
const MOST_OF_BEFORE = 0.6;
/** Cloudflare's limits, the same on every plan: of the size without compression, and of the start. */
const LIMIT_MIB = 64;
const SECONDS = 300;
const ROUNDS = 31;
const KINDS = ['empty', 'now', 'before'] as const;

type Kind = (typeof KINDS)[number];

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

  const starts = await startInTurn(context.short ? 3 : ROUNDS, {
    empty: await startConfig(ROOT),
    now: await startConfig(ROOT, now.folder),
    before: await startConfig(before.project, before.folder),
  });
  // Other programs slow a round down as a whole, so each round is compared with itself.
  const mine = median(starts.map((round) => round.now - round.empty));
  const theirs = median(starts.map((round) => round.before - round.empty));
  const ratio = median(starts.map((round) => (round.now - round.empty) / (round.before - round.empty)));
  context.say(
    `start-up: ${figures(mine)} ms; of ${ref}: ${figures(theirs)} ms; the ratio, by rounds: ${figures(100 * ratio)} %`,
  );
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
      mostRatio: MOST_OF_BEFORE,
      how,
    }),
    measure({
      what: 'Worker start-up, processor time',
      unit: 'ms',
      value: mine,
      beside: { name: ref, value: theirs },
      ratio,
      mostRatio: MOST_OF_BEFORE,
      how: `of workerd, above an empty Worker; medians of ${starts.length} rounds`,
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

/** The milliseconds of each start, one of each kind in a round, forwards and backwards in turn. */
async function startInTurn(count: number, configs: Record<Kind, string>): Promise<Record<Kind, number>[]> {
  const rounds: Record<Kind, number>[] = [];
  while (rounds.length < count) {
    const round = { empty: 0, now: 0, before: 0 };
    for (const kind of rounds.length % 2 === 0 ? KINDS : KINDS.toReversed())
      round[kind] = await startMillis(configs[kind]);
    rounds.push(round);
  }
  return rounds;
}

function read(output: string, pattern: RegExp): number {
  const value = output.match(pattern)?.[1];
  if (value === undefined) throw new Error(`no ${pattern.source} in:\n${output.slice(-1000)}`);
  return Number(value);
}
