// Runs tasks: claims as many as fit, runs them side by side, settles those that ended together, until none is left or the
// time is up. Every path that runs a task comes through here: deliveries, background, eager mode.

import { OutOfTime } from './ending.ts';
import type { Engine } from './engine.ts';
import { publishSettled } from './events.ts';
import { giveBackLease, startHeart, takeLease } from './lease.ts';
import { admit, HOLD_MS, hasLapsed, type Limited } from './limits/admit.ts';
import type { QueueName } from './queues.ts';
import { announce } from './ring.ts';
import { identityOf, type Running, startAttempt } from './run.ts';
import { type Claim, type ClaimedTask, claimTasks, findClaimed } from './store/claim-tasks.ts';
import { queriesSoFar } from './store/commit.ts';
import { callbackIdOf } from './store/ids.ts';
import type { ReleasedTask } from './store/release-dependants.ts';
import { type Settlement, settleTasks } from './store/settle-tasks.ts';
import type { AnyDefinition } from './task.ts';

export interface Work {
  queue: QueueName;
  /** To be claimed, in this order. */
  ids?: readonly string[];
  /** Suspected of crashing the isolate: claimed one at a time, when nothing else runs here. */
  alone?: readonly string[];
  /** Tasks of definitions with limits: claimed as those allow. */
  limited?: readonly Limited[];
  /** Held already, under this lease: started first. */
  claimed?: { tasks: ClaimedTask[]; leaseId: string };
  /** Claim tasks before they are due: eager mode. */
  early?: boolean;
  /** Seconds after which tasks still running are stopped and rung for, without consuming an attempt. Default: never. */
  stopAfterSeconds?: number;
  /** Runs the tasks instead of the definition registered under their name. */
  definition?: AnyDefinition;
}

interface Ended {
  task: ClaimedTask;
  settlement: Settlement;
}

/** How long to wait for more tasks to end before settling those that did. */
const LINGER_MS = 20;
/** After so long without a claim, any free place is worth one. */
const PATIENCE_MS = 1000;
/** D1 allows 1,000 queries an invocation; those that still run need some to settle. */
const MAX_QUERIES = 600;
/** How often, and how long apart, settling is tried while D1 is away. */
const SETTLE_TRIES = 5;
const SETTLE_RETRY_MS = 1000;

/** Resolves when all it claimed is settled or lost. Throws EngineError `store_unavailable`; what it held is then rescued by the sweep. */
export async function work(engine: Engine, { queue, claimed, early = false, ...rest }: Work): Promise<void> {
  const { concurrency, burst } = engine.settings.lanes[queue];
  const claimUntil = engine.clock.now() + engine.settings.deliverySeconds * 1000;
  const ids = [...(rest.ids ?? [])];
  const alone = [...(rest.alone ?? [])];
  let limited = await admit(engine, queue, rest.limited ?? []);
  const leaseId = claimed?.leaseId ?? takeLease();
  // Everything held and not yet settled: the lease names it, the heartbeat renews it.
  const held = new Map<string, Running>();
  let running = 0;
  let ended: Ended[] = [];
  let wake = () => {};
  // A claim must not take more than can run soon. Tasks that end at once earn larger claims; the first that does not ends that.
  let room = concurrency;

  const queriesBefore = queriesSoFar(engine);
  let claimedAt = engine.clock.now();
  let failure: unknown;

  const start = async (task: ClaimedTask) => {
    const one = startAttempt(engine, task, rest.definition ?? engine.registry.get(task.name));
    held.set(task.id, one);
    running++;
    const settlement = await one.ended;
    running--;
    if (settlement) ended.push({ task, settlement });
    else held.delete(task.id);
    wake();
  };
  const claim = async (wanted: string[], isAlone: boolean, group?: Limited[]) => {
    claimedAt = engine.clock.now();
    const dueBy = early ? Number.MAX_SAFE_INTEGER : group?.[0]?.slot === undefined ? claimedAt : claimedAt + HOLD_MS;
    const wish: Claim = {
      queue,
      ids: wanted,
      leaseId,
      running: [...held.keys()],
      alone: isAlone,
      dueBy,
      now: claimedAt,
    };
    if (group?.[0]) {
      const places = engine.registry.get(group[0].name)?.concurrency?.limit;
      wish.limited = { places, slots: new Map(group.map(({ id, slot }) => [id, slot])) };
    }
    try {
      for (const task of await claimTasks(engine, wish)) void start(task);
    } catch (error) {
      // Did it commit? What we hold, we run; else no more is claimed, and what runs here runs to its end.
      const found = await findClaimed(engine, wish).catch(() => []);
      for (const task of found) void start(task);
      if (found.length > 0) return;
      failure = error;
      ids.length = 0;
      alone.length = 0;
      limited = [];
    }
  };
  const claimLimited = async (free: number) => {
    const now = engine.clock.now();
    const isLate = (task: Limited) => {
      const rate = engine.registry.get(task.name)?.rateLimit;
      return rate !== undefined && hasLapsed(task, rate, now);
    };
    // Only as many as there are places for: what waits for a place shall not use up slots.
    const late = limited.filter(isLate).slice(0, free);
    if (late.length > 0) {
      const again = await admit(
        engine,
        queue,
        late.map((task) => ({ ...task, fresh: false })),
      );
      limited = [...limited.filter((task) => !late.includes(task)), ...again];
    }
    const first = limited.find((task) => (!task.alone || running === 0) && !isLate(task));
    if (!first) return;
    const alike = limited.filter((task) => task.name === first.name && task.alone === first.alone);
    const group = alike.slice(0, first.alone ? 1 : free);
    limited = limited.filter((task) => !group.includes(task));
    await claim(
      group.map(({ id }) => id),
      first.alone,
      group,
    );
  };
  const claimNext = async () => {
    const free = room - running;
    const patient = engine.clock.now() - claimedAt < PATIENCE_MS;
    const enough = running === 0 || free >= (patient ? Math.min(ids.length, Math.ceil(room / 2)) : 1);
    if (ids.length > 0 && enough) await claim(ids.splice(0, free), false);
    else if (limited.length > 0 && free > 0) await claimLimited(free);
    else if (ids.length === 0 && running === 0 && alone.length > 0) await claim(alone.splice(0, 1), true);
  };

  const stopHeart = startHeart(engine, leaseId, held);
  const ticker = setInterval(() => wake(), PATIENCE_MS);
  const stop =
    rest.stopAfterSeconds === undefined
      ? undefined
      : setTimeout(() => {
          for (const { abort } of held.values()) abort(new OutOfTime('the invocation must end'));
        }, rest.stopAfterSeconds * 1000);
  try {
    for (const task of claimed?.tasks ?? []) void start(task);
    while (ids.length + alone.length + limited.length + running + ended.length > 0) {
      if (engine.clock.now() > claimUntil || queriesSoFar(engine) - queriesBefore > MAX_QUERIES)
        await passOn(engine, queue, { ids: ids.splice(0), alone: alone.splice(0), limited: limited.splice(0) });
      const settling = ended;
      ended = [];
      await Promise.all([settle(engine, queue, settling), claimNext()]);
      for (const { task } of settling) held.delete(task.id);
      if (running > 0 && ended.length === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await scheduler.wait(0);
      room = running === 0 ? Math.min(burst, room * 2) : concurrency;
      if (ended.length < running) await scheduler.wait(LINGER_MS);
    }
  } finally {
    clearTimeout(stop);
    clearInterval(ticker);
    stopHeart();
  }
  if (failure !== undefined) throw failure;
  giveBackLease(leaseId);
}

/** Commits how tasks ended, tells who waits for them in this isolate, and rings for those that will run again. */
async function settle(engine: Engine, queue: QueueName, ended: readonly Ended[]): Promise<void> {
  if (ended.length === 0) return;
  let released: ReleasedTask[] = [];
  for (let tried = 1; ; tried++) {
    try {
      released = await settleTasks(
        engine,
        ended.map(({ settlement }) => settlement),
      );
      break;
    } catch (error) {
      if (tried === SETTLE_TRIES) throw error;
      engine.logger.warn('settling failed; trying again', { error });
      await scheduler.wait(SETTLE_RETRY_MS * tried);
    }
  }
  report(engine, ended);
  publishSettled(ended.map(({ task }) => task.id));
  const again = ended.filter(({ settlement }) => settlement.state === 'RETRY');
  const rings = again.map(({ task: { id, name, crashes }, settlement: { dueAt = 0 } }) => ({
    id,
    name,
    queue,
    dueAt,
    alone: crashes > 0,
  }));
  const told = ended.filter(({ task, settlement }) => task.callsBack && settlement.state !== 'RETRY');
  const callbacks = told.map(({ task }) => ({
    id: callbackIdOf(task.id),
    name: '',
    queue: 'default' as const,
    dueAt: 0,
  }));
  await announce(engine, [...rings, ...released, ...callbacks]);
}

/** The delivery has lasted long enough: what it has not claimed is rung for again. */
async function passOn(
  engine: Engine,
  queue: QueueName,
  { ids, alone, limited }: { ids: string[]; alone: string[]; limited: Limited[] },
): Promise<void> {
  // Tasks without limits; their names make no difference to a ring.
  const plain = [...ids, ...alone].map((id) => ({ id, name: '', queue, dueAt: 0, alone: alone.includes(id) }));
  const rest = limited.map(({ id, name, alone: isAlone }) => ({ id, name, queue, dueAt: 0, alone: isAlone }));
  await announce(engine, [...plain, ...rest]);
}

function report(engine: Engine, ended: readonly Ended[]): void {
  for (const { task, settlement } of ended) {
    if (settlement.state === 'SUCCESS' || settlement.outcome === 'SNOOZED') continue;
    const { error, state } = settlement;
    const about = error && { type: error.type, message: error.message };
    const fields = { ...identityOf(task), code: error?.code, error: about };
    if (state === 'FAILURE') engine.logger.error('task failed', fields);
    else engine.logger.warn(state === 'RETRY' ? 'task will be retried' : 'task revoked', fields);
  }
}
