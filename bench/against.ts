// npm run bench -- --against COMMIT: this project beside the same at an earlier commit, both on this machine at the same time.
// Each measure is taken in turn, A B B A, so that what else the machine does falls on both alike. A ratio above 1 says that the
// project is better now.
import { setTimeout as sleep } from 'node:timers/promises';
import { makePhoto } from '../scripts/photo.ts';
import { checkOut } from './check-out.ts';
import { call, startErrand, timeBulk, waitUntilDone } from './errand.ts';
import { ROOT, type Server } from './processes.ts';
import type { Context } from './section.ts';
import { round } from './sections/http.ts';
import { size } from './sections/size.ts';
import { chordOf, timeWorkflow } from './sections/workflow.ts';
import { startStraight } from './straight.ts';
import { type Comparison, compare, median, type Row, unmeasured } from './table.ts';

const ROUNDS = 7;
/** A ratio below this is a loss. */
const LEAST = 0.95;
const LOAD_SECONDS = 4;
const CALLS = 15;
const PAUSE_MS = 50;
const ECHO = { name: 'demo.echo', input: { value: 1 } };
const STEPS = { name: 'demo.steps', input: { names: Array.from({ length: 10 }, (_, index) => `step ${index}`) } };

/** One of the two projects, running. */
interface Side {
  isNow: boolean;
  url: string;
  /** A socket that ends in the Worker itself, past the proxies of `wrangler dev`. */
  straight: string;
  photo: Uint8Array<ArrayBuffer>;
  stop(): Promise<void>;
}

interface Measure {
  what: string;
  unit: Comparison['unit'];
  take(side: Side, context: Context): Promise<number>;
  /** The least ratio wanted, where it is more than not to lose. */
  goal?: number;
  /** The definition that both sides need. */
  needs?: string;
}

/** By the name that `--only` takes. */
const MEASURES: Record<string, Measure[]> = {
  bulk: [{ what: '10,000 no-op tasks, call to last SUCCESS', unit: 's', take: bulk, goal: 1.7 }],
  chord: [{ what: "chord of 1,000, call to the body's result", unit: 's', take: chord }],
  http: [
    { what: 'HTTP enqueue, 16 connections, under wrangler dev', unit: 'requests/s', take: dev, goal: 2 },
    { what: 'HTTP enqueue, 16 connections, straight at workerd', unit: 'requests/s', take: straight, goal: 2 },
  ],
  latency: [
    { what: 'one call to its result, idle, under wrangler dev', unit: 'ms', take: ({ url }) => latency(url, false) },
    { what: 'the same straight at workerd', unit: 'ms', take: (side) => latency(side.straight, false) },
    {
      what: 'the same straight at workerd, now started by the call itself',
      unit: 'ms',
      take: (side) => latency(side.straight, side.isNow),
      goal: 2,
    },
  ],
  steps: [{ what: '100 tasks of ten steps', unit: 's', take: steps, needs: 'demo.steps' }],
  photo: [{ what: 'a photo of 12 megapixels, upload to thumbnail', unit: 's', take: photo }],
};
export const AGAINST_SECTIONS = [...Object.keys(MEASURES), 'size'];

/** The rows of all chosen sections beside the commit. */
export async function against(context: Context, ref: string, chosen: readonly string[]): Promise<Row[]> {
  const measures = chosen.flatMap((name) => MEASURES[name] ?? []);
  const rows = measures.length > 0 ? await measureBoth(context, ref, measures) : [];
  return chosen.includes('size') ? [...rows, ...(await size({ ...context, against: ref }))] : rows;
}

async function measureBoth(context: Context, ref: string, measures: readonly Measure[]): Promise<Row[]> {
  context.say(`building ${ref} …`);
  const projects = [ROOT, await checkOut(ref)];
  const sides: Side[] = [];
  try {
    for (const project of projects) sides.push(await startSide(project));
    const [now, before] = sides as [Side, Side];
    for (const side of sides) await timeBulk(side.url, 1000);
    const rows: Row[] = [];
    for (const measure of measures) rows.push(await compareSides(context, ref, measure, { now, before }));
    return rows;
  } finally {
    for (const side of sides) await side.stop();
  }
}

async function compareSides(
  context: Context,
  ref: string,
  { what, unit, take, goal, needs }: Measure,
  sides: Record<'now' | 'before', Side>,
): Promise<Row> {
  if (needs && !(await knows(sides.before, needs)))
    return unmeasured(what, `${ref} has no definition ${needs}`, 'skipped');
  const taken: Record<'now' | 'before', number[]> = { now: [], before: [] };
  const rounds = context.short ? 1 : ROUNDS;
  for (let index = 0; index < rounds; index++) {
    const order = index % 2 === 0 ? (['now', 'before'] as const) : (['before', 'now'] as const);
    for (const name of order) taken[name].push(await take(sides[name], context));
  }
  const shown = (values: number[]) => values.map((value) => Number(value.toPrecision(3))).join(' ');
  context.say(`${what}: now ${shown(taken.now)}; ${ref} ${shown(taken.before)}`);
  const [errand, value] = [median(taken.now), median(taken.before)];
  return compare({ what, unit, errand, peer: ref, value, how: `medians of ${rounds}, in turn`, goal: goal ?? LEAST });
}

async function startSide(project: string): Promise<Side> {
  const servers: Server[] = [];
  const errand = await startErrand({ project });
  servers.push(errand);
  const straight = await startStraight(project);
  servers.push(straight);
  return {
    isNow: project === ROOT,
    url: errand.url,
    straight: straight.url,
    photo: new Uint8Array(await makePhoto({ width: 4000, height: 3000 })),
    stop: async () => {
      for (const server of servers) await server.stop();
    },
  };
}

async function knows({ url }: Side, name: string): Promise<boolean> {
  const { items } = await call<{ items: { name: string }[] }>(`${url}/definitions`);
  return items.some((definition) => definition.name === name);
}

async function bulk({ url }: Side, { short }: Context): Promise<number> {
  return (await timeBulk(url, short ? 1000 : 10_000)).seconds;
}

function chord({ url }: Side): Promise<number> {
  return timeWorkflow(url, chordOf(1000));
}

function dev(side: Side): Promise<number> {
  return rate(side.url);
}

function straight(side: Side): Promise<number> {
  return rate(side.straight);
}

async function rate(url: string): Promise<number> {
  const seen = await round(`${url}/tasks`, JSON.stringify(ECHO), LOAD_SECONDS);
  await waitUntilDone(url);
  return seen.rate;
}

async function latency(url: string, background: boolean): Promise<number> {
  const millis: number[] = [];
  while (millis.length < CALLS) {
    await sleep(PAUSE_MS);
    const started = performance.now();
    const { task_id } = await call<{ task_id: string }>(`${url}/tasks`, { ...ECHO, options: { background } });
    const { status } = await call<{ status: string }>(`${url}/tasks/${task_id}?wait=10`);
    if (status !== 'SUCCESS') throw new Error(`${task_id} is ${status}`);
    millis.push(performance.now() - started);
  }
  return median(millis);
}

async function steps({ url }: Side): Promise<number> {
  const started = performance.now();
  await call(`${url}/tasks/batch`, { tasks: Array.from({ length: 100 }, () => STEPS) });
  await waitUntilDone(url);
  return (performance.now() - started) / 1000;
}

async function photo({ url, photo: bytes }: Side): Promise<number> {
  const form = new FormData();
  form.append('file', new Blob([bytes], { type: 'image/jpeg' }), 'photo.jpg');
  const started = performance.now();
  const response = await fetch(`${url}/upload/image`, { method: 'POST', body: form });
  if (!response.ok) throw new Error(`/upload/image: ${response.status} ${await response.text()}`);
  const { task_id } = (await response.json()) as { task_id: string };
  const { status } = await call<{ status: string }>(`${url}/tasks/${task_id}?wait=30`);
  if (status !== 'SUCCESS') throw new Error(`the photo is ${status}`);
  return (performance.now() - started) / 1000;
}
