// Tasks of ten steps beside chains of ten tasks that do the same: the time of a thousand, and what one costs on D1, as a test of
// the engine counts it.
import { setTimeout as sleep } from 'node:timers/promises';
import { call, checkSuccesses, type Page, startErrand } from '../errand.ts';
import type { Context } from '../section.ts';
import { compare, measure, median, type Row, unmeasured } from '../table.ts';
import { type Cost, readCosts } from './cost.ts';

const RUNS = 3;
const POLL_MS = 25;
const LIMIT_MS = 300_000;
const STATES = ['WAITING', 'PENDING', 'RETRY', 'STARTED'];
const LINKS = Array.from({ length: 10 }, (_, n) => `step ${n + 1}`);

export async function steps(context: Context): Promise<Row[]> {
  const count = context.short ? 100 : 1000;
  const { ofSteps, ofChains } = await timeBoth(context, count);
  const time = compare({
    what: `${count.toLocaleString('en-US')} tasks of ten steps, call to last SUCCESS`,
    unit: 's',
    errand: ofSteps,
    peer: 'as chains of ten tasks',
    value: ofChains,
    how: `median of ${RUNS} runs, taken in turn`,
  });
  return [time, ...(await costRows(context))];
}

async function timeBoth(context: Context, count: number): Promise<{ ofSteps: number; ofChains: number }> {
  const errand = await startErrand();
  const times = { steps: [] as number[], chains: [] as number[] };
  try {
    await timeSteps(errand.url, 20);
    await timeChains(errand.url, 20);
    for (let round = 0; round < RUNS; round++) {
      times.steps.push(await timeSteps(errand.url, count));
      times.chains.push(await timeChains(errand.url, count));
    }
  } finally {
    await errand.stop();
  }
  const medians = { ofSteps: median(times.steps), ofChains: median(times.chains) };
  context.say(`steps: ${medians.ofSteps.toFixed(2)} s; chains: ${medians.ofChains.toFixed(2)} s`);
  return medians;
}

function timeSteps(url: string, count: number): Promise<number> {
  const tasks = Array.from({ length: count }, () => ({ name: 'demo.steps', input: { names: LINKS } }));
  return timed(url, '/tasks/batch', { tasks });
}

function timeChains(url: string, count: number): Promise<number> {
  const chain = LINKS.map((value) => ({ name: 'demo.echo', input: { value }, immutable: true }));
  return timed(url, '/workflows', { group: Array.from({ length: count }, () => ({ chain })) });
}

/** Seconds from the call until none of its tasks is open. */
async function timed(url: string, path: string, body: object): Promise<number> {
  const started = performance.now();
  const { task_ids } = await call<{ task_ids: string[] }>(`${url}${path}`, body);
  while (await anyOpen(url)) {
    if (performance.now() - started > LIMIT_MS) throw new Error(`not done after ${LIMIT_MS / 1000} s`);
    await sleep(POLL_MS);
  }
  const seconds = (performance.now() - started) / 1000;
  await checkSuccesses(url, task_ids, task_ids.length);
  return seconds;
}

async function anyOpen(url: string): Promise<boolean> {
  for (const state of STATES) {
    if ((await call<Page>(`${url}/tasks?status=${state}&limit=1`)).items.length > 0) return true;
  }
  return false;
}

async function costRows(context: Context): Promise<Row[]> {
  const costs = await readCosts('test/engine/steps/beside-chains.test.ts');
  const [ofSteps, ofChain] = [costs.get('ten_steps'), costs.get('ten_links')];
  if (!ofSteps || !ofChain) return [unmeasured('ten steps: D1 rows', 'the test printed no cost lines', 'failed')];
  context.say(`a task: ${JSON.stringify([...costs])}`);
  const row = (what: string, pick: (cost: Cost) => number, most?: number) =>
    measure({
      what: `a task of ten steps, of a thousand: ${what}`,
      value: pick(ofSteps),
      beside: { name: 'a chain of ten tasks', value: pick(ofChain) },
      most,
      how: "counted by D1 and the queue, in the project's tests",
    });
  return [
    row('D1 rows written', (cost) => cost.rows_written, 17.1),
    row('D1 rows read', (cost) => cost.rows_read),
    row('messages', (cost) => cost.messages),
    row('D1 round trips', (cost) => cost.round_trips),
  ];
}
