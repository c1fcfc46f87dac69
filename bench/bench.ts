// npm run bench: this project beside its peers, as a table, and then the goals that are met and not met. Options:
// --only bulk,batch,canvas,steps,http,latency,image,upload,cost,size,scale,long  --short  --write (also puts the tables into bench/README.md)
// --against COMMIT (this project beside itself at that commit instead: bulk,chord,http,latency,steps,photo,size). A missed goal does not fail the run: the exit code is 1 only if something broke while it was measured.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AGAINST_SECTIONS, against } from './against.ts';
import { APT_LINE, findAccelerators, findPeers, type Peer } from './peers.ts';
import { cleanUp, shutDown } from './processes.ts';
import type { Section } from './section.ts';
import { batch } from './sections/batch.ts';
import { bulk } from './sections/bulk.ts';
import { cost } from './sections/cost.ts';
import { http } from './sections/http.ts';
import { image } from './sections/image.ts';
import { latency } from './sections/latency.ts';
import { long } from './sections/long.ts';
import { scale } from './sections/scale.ts';
import { size } from './sections/size.ts';
import { steps } from './sections/steps.ts';
import { upload } from './sections/upload.ts';
import { workflow } from './sections/workflow.ts';
import { goals, markdown, plain, type Row, unmeasured } from './table.ts';

/** By the name that `--only` takes: the heading in bench/README.md, and what measures. */
const SECTIONS: Record<string, readonly [title: string, section: Section]> = {
  bulk: ['Ten thousand tasks in one call', bulk],
  batch: ['A hundred tasks to a call of their handler', batch],
  canvas: ['Workflows', workflow],
  steps: ['Steps beside chains', steps],
  http: ['One task a request', http],
  latency: ['One call to its result', latency],
  image: ['Images', image],
  upload: ['Uploads', upload],
  cost: ['Rows and messages of a task', cost],
  size: ['Size and start-up', size],
  scale: ['A million tasks beside a thousand', scale],
  long: ['A long run', long],
};
const README = join(import.meta.dirname, 'README.md');
const START = '<!-- table: written by node bench/bench.ts --write -->';
const END = '<!-- end of table -->';
const APT_PEERS: readonly Peer[] = ['redis-server', 'celery', 'fastapi', 'pillow', 'wrk'];

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    against: { type: 'string' },
    short: { type: 'boolean' },
    write: { type: 'boolean' },
  },
});
const sections = options.against ? AGAINST_SECTIONS : Object.keys(SECTIONS);
const chosen = options.only?.split(',') ?? sections;
const unknown = chosen.filter((name) => !sections.includes(name));
if (unknown.length > 0) fail(`unknown section ${unknown.join(', ')}; there are ${sections.join(', ')}`);
if (options.write && (options.short || options.only || options.against))
  fail('--write takes a whole run: without --short, --only and --against');

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    interrupted = true;
    say('stopping');
    void shutDown().finally(() => process.exit(130));
  });
}

const peers = await findPeers();
const machine = await describeMachine();
say(machine);
if (APT_PEERS.some((peer) => !peers.has(peer))) say(`some peers are missing; on Debian: ${APT_LINE}`);
if (!peers.has('bullmq')) say('BullMQ is missing: npm --prefix bench ci');

const tables: { title: string; rows: Row[] }[] = [];
const { against: ref } = options;
if (ref) tables.push({ title: ref, rows: await measure(ref, (context) => against(context, ref, chosen)) });
for (const name of ref ? [] : chosen) {
  say(`${name} …`);
  const [title, section] = SECTIONS[name] ?? fail(`unknown section ${name}`);
  tables.push({ title, rows: await measure(name, section) });
}
await cleanUp();
const rows = tables.flatMap((table) => table.rows);

console.log(`\n${plain(rows)}\n\n${goals(rows)}`);
if (options.write) await writeReadme();
process.exit(rows.some((row) => row.unmeasured === 'failed') ? 1 : 0);

async function measure(name: string, section: Section): Promise<Row[]> {
  try {
    return await section({
      peers,
      short: options.short ?? false,
      say: (line) => say(`  ${line}`),
    });
  } catch (error) {
    // The section failed because the signal's handler stopped its servers. That handler ends the process.
    if (interrupted) return new Promise(() => {});
    const message = error instanceof Error ? error.message : String(error);
    say(`  ${message}`);
    await cleanUp();
    return [unmeasured(name, message.split('\n')[0] ?? '', 'failed')];
  }
}

async function describeMachine(): Promise<string> {
  const versions = [...peers].map(([peer, version]) => `${peer} ${version}`);
  const processors = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const date = new Date().toISOString().slice(0, 10);
  return `${date}; ${processors}; Node ${process.versions.node}; ${[...versions, ...(await findAccelerators())].join(', ')}.`;
}

async function writeReadme(): Promise<void> {
  const text = await readFile(README, 'utf8');
  const [before, after] = [text.split(START)[0], text.split(END)[1]];
  if (before === undefined || after === undefined) throw new Error(`${README} has lost its markers`);
  const parts = tables.map((table) => `### ${table.title}\n\n${markdown(table.rows)}`);
  await writeFile(README, `${before}${START}\n\n${machine}\n\n${parts.join('\n\n')}\n\n${END}${after}`);
  execFileSync(join(import.meta.dirname, '..', 'node_modules', '.bin', 'biome'), ['format', '--write', README]);
}

function say(line: string): void {
  console.log(line);
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}
