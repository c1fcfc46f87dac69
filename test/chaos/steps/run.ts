// One run of the chaos test of steps: enqueues the portions, sends their events, and kills and restarts the server between them.
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, createApi } from '../../../scripts/api.ts';
import { type Booted, bootServer } from '../../../scripts/boot.ts';
import { style } from '../../../scripts/terminal.ts';
import { seededRandom } from '../random.ts';
import { say, seconds } from '../run.ts';
import type { CountingServer } from './calls.ts';
import { collectEnded, type StepFacts, type StepKill } from './collect.ts';
import { type SentEvent, sendEvents } from './events.ts';
import { enqueueLoads, type Load, makeLoads, STEPS } from './load.ts';

export interface StepPlan {
  kills: number;
  tasks: number;
  seed: number;
  maintenanceSeconds: number;
}

const BOOT_SECONDS = 180;
const DRAIN_SECONDS = 240;
/** A kill waits no longer for the calls that it is to interrupt. */
const PATIENCE_MS = 60_000;
/** A task that was killed three times has failed, as "poisoned". */
const MAX_KILLS_OF_A_TASK = 2;

export function createStepRun(plan: StepPlan, { server, stateDir }: { server: CountingServer; stateDir: string }) {
  const random = seededRandom(plan.seed);
  const portions = makeLoads(plan.tasks, plan.kills + 1);
  const ids = new Map<Load, string>();
  const sending: Promise<SentEvent[]>[] = [];
  let booted: Booted | undefined;

  async function restart(): Promise<Api> {
    const port = booted ? Number(new URL(booted.origin).port) : 0;
    const { maintenanceSeconds } = plan;
    const entry = 'test/chaos/worker/index.ts';
    booted = await bootServer({ stateDir, port, entry, maintenanceSeconds, timeoutSeconds: BOOT_SECONDS });
    return createApi(booted.origin);
  }

  async function start(api: Api, portion: readonly Load[]): Promise<void> {
    const taskIds = await enqueueLoads(api, portion, server.url);
    for (const [i, load] of portion.entries()) ids.set(load, taskIds[i] ?? '');
    for (const { label } of portion.filter(({ waits }) => waits)) sending.push(sendEvents(api.origin, label, random));
  }

  /** Kills while calls are under way, after a random part of the portion's calls. */
  async function killDuring(portion: readonly Load[]): Promise<StepKill> {
    const wanted = server.calls.length + portion.length * STEPS * (0.1 + 0.7 * random());
    const deadline = performance.now() + PATIENCE_MS;
    while ((server.calls.length < wanted || server.inFlight() === 0) && performance.now() < deadline) await wait(5);
    const [killedAt, inFlight] = [Date.now(), server.inFlight()];
    const processes = (await booted?.kill()) ?? 0;
    return { processes, inFlight, killedAt, answeredAt: 0 };
  }

  async function toTheEnd(): Promise<StepFacts> {
    let api = await restart();
    say('Ready.');
    const kills: StepKill[] = [];
    for (const [i, portion] of portions.slice(0, plan.kills).entries()) {
      await start(api, portion);
      const kill = await killDuring(portion);
      kills.push(kill);
      api = await restart();
      kill.answeredAt = Date.now();
      const { killedAt, answeredAt, inFlight } = kill;
      say(`Kill ${i + 1}: ${inFlight} steps ran. Ready ${seconds(answeredAt - killedAt)} s after it.`);
      const isLast = i + 1 === plan.kills;
      if (!isLast) await untilFinal(api, portions.slice(0, Math.max(0, i + 2 - MAX_KILLS_OF_A_TASK)).flat());
    }
    await start(api, portions.at(-1) ?? []);
    say(`Enqueued the last of ${ids.size} tasks with steps. Waiting until all are final.`);
    const sent = (await Promise.all(sending)).flat();
    await untilFinal(api, [...ids.keys()]);
    const ended = await collectEnded(api, ids);
    await booted?.stop();
    return { ended, calls: server.calls, sent, kills };
  }

  async function untilFinal(api: Api, loads: readonly Load[]): Promise<void> {
    const deadline = performance.now() + DRAIN_SECONDS * 1000;
    for (const load of loads) {
      const left = (deadline - performance.now()) / 1000;
      await api.follow(ids.get(load) ?? '', () => {}, left).catch((error: unknown) => say(style('red', String(error))));
    }
  }

  return { toTheEnd };
}
