// Decides which tasks of a delivery are claimed next, and how many at once: plain ones, those of limited definitions, and
// those that crashed before, which run alone. Stops when the delivery's time or its budget of queries is used up.
import { batchSize, mostToClaim } from './batch/rule.ts';
import { announce } from './doorbell.ts';
import type { Engine } from './engine.ts';
import { admit, HOLD_MS, hasLapsed, type Limited } from './limits/admit.ts';
import type { Pool } from './pool.ts';
import { QUEUES, type QueueName } from './queues.ts';
import type { Ring } from './ring.ts';
import { type Claim, claimTasks, findClaimed } from './store/claim-tasks.ts';
import type { Joint } from './store/joint.ts';
import { queriesSoFar } from './store/usage.ts';

export interface Wanted {
  /** To be claimed, in this order. */
  ids?: readonly string[];
  /** Tasks that crashed before: claimed one at a time, when no other task runs here. */
  alone?: readonly string[];
  /** Tasks of definitions with limits: claimed as those allow. */
  limited?: readonly Limited[];
}

/** How often a waiting claimer looks again, and how long it waits for several free places before one is enough for a claim. */
export const PATIENCE_MS = 1000;
/** The part of the places that must be free before a claim is worth it. */
const WORTHWHILE_SHARE = 0.5;
/** While all tasks of a claim end at once, the next claim is larger by this factor. */
const GROWTH = 2;
/** D1 allows 1,000 queries an invocation; tasks that still run need some to settle. */
const MAX_QUERIES = 600;

interface HowToClaim {
  alone: boolean;
  limited?: Claim['limited'];
  dueBy?: number;
}

export class Claimer {
  readonly #engine: Engine;
  readonly #pool: Pool;
  readonly #queue: QueueName;
  readonly #leaseId: string;
  readonly #queriesBefore: number;
  readonly #claimUntil: number;
  #ids: string[];
  #alone: string[];
  #limited: Limited[] = [];
  /** The most tasks that may run after the next claim. */
  #places: number;
  #claimedAt: number;
  #failure: { error: unknown } | undefined;

  constructor(engine: Engine, pool: Pool, queue: QueueName, leaseId: string, { ids = [], alone = [] }: Wanted) {
    this.#engine = engine;
    this.#pool = pool;
    this.#queue = queue;
    this.#leaseId = leaseId;
    this.#ids = [...ids];
    this.#alone = [...alone];
    this.#places = QUEUES[queue].concurrency;
    this.#queriesBefore = queriesSoFar(engine);
    this.#claimedAt = engine.clock.now();
    this.#claimUntil = this.#claimedAt + engine.settings.deliverySeconds * 1000;
  }

  /** Adds tasks of limited definitions, as far as those let them start here. */
  async admit(limited: readonly Limited[]): Promise<void> {
    this.#limited.push(...(await admit(this.#engine, this.#queue, limited)));
  }

  /** Tasks that are wanted and not claimed. */
  get left(): number {
    return this.#ids.length + this.#alone.length + this.#limited.length;
  }

  /** True when no more may be claimed in this invocation. */
  get isSpent(): boolean {
    const queries = queriesSoFar(this.#engine) - this.#queriesBefore;
    return this.#engine.clock.now() > this.#claimUntil || queries > MAX_QUERIES;
  }

  /** Claims and starts the next tasks, if there is room for them. Never rejects: `throwIfFailed` throws the error of a failed claim. `joint`: commits the claim with others. */
  async claimNext(joint?: Joint): Promise<void> {
    const { running } = this.#pool;
    const free = this.#places - this.#pool.taken;
    if (this.#ids.length > 0 && this.#isWorthwhile(free))
      await this.#claim(this.#ids.splice(0, free), { alone: false }, joint);
    else if (this.#limited.length > 0 && free > 0) await this.#claimLimited(free);
    else if (this.#ids.length === 0 && running === 0 && this.#alone.length > 0)
      await this.#claim(this.#alone.splice(0, 1), { alone: true }, joint);
  }

  /** A claim must not take more than can run soon. Only tasks that end at once earn a larger one; they never run side by side. */
  adapt(): void {
    const { concurrency, burst } = QUEUES[this.#queue];
    this.#places = this.#pool.running === 0 ? Math.min(burst, this.#places * GROWTH) : concurrency;
  }

  /** Rings again for the tasks that are not claimed: another delivery takes them. */
  async passOn(): Promise<void> {
    const queue = this.#queue;
    const rings: Ring[] = [
      ...this.#ids.map((id) => ({ id, name: '', queue, dueAt: 0 })),
      ...this.#alone.map((id) => ({ id, name: '', queue, dueAt: 0, alone: true })),
      ...this.#limited.map(({ id, name, alone }) => ({ id, name, queue, dueAt: 0, alone, returning: true })),
    ];
    this.#giveUp();
    await announce(this.#engine, rings);
  }

  /** Throws the error of a claim after which nothing more was claimed. */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #isWorthwhile(free: number): boolean {
    if (this.#pool.running === 0) return true;
    const isPatient = this.#engine.clock.now() - this.#claimedAt < PATIENCE_MS;
    return free >= (isPatient ? Math.min(this.#ids.length, Math.ceil(this.#places * WORTHWHILE_SHARE)) : 1);
  }

  #giveUp(): void {
    this.#ids = [];
    this.#alone = [];
    this.#limited = [];
  }

  async #claim(ids: string[], { alone, limited, dueBy = 0 }: HowToClaim, joint?: Joint): Promise<void> {
    const now = this.#engine.clock.now();
    this.#claimedAt = now;
    const claim: Claim = {
      queue: this.#queue,
      ids,
      leaseId: this.#leaseId,
      running: [...this.#pool.held.keys()],
      alone,
      dueBy: Math.max(dueBy, this.#engine.doorbell.dueBy(now)),
      now,
      ...(limited && { limited }),
    };
    try {
      for (const task of await claimTasks(this.#engine, claim, joint)) this.#pool.start(task);
    } catch (error) {
      // It may have been committed: tasks that are held must run. Otherwise nothing more is claimed here.
      const found = await findClaimed(this.#engine, claim).catch(() => []);
      for (const task of found) this.#pool.start(task);
      if (found.length > 0) return;
      this.#failure = { error };
      this.#giveUp();
    }
  }

  /** Claims tasks of one limited definition, for at most `free` places: a task that waits for a place must not use up a slot. */
  async #claimLimited(free: number): Promise<void> {
    const now = this.#engine.clock.now();
    const late = this.#limited.filter((task) => this.#isLate(task, now)).slice(0, free);
    if (late.length > 0) {
      this.#limited = this.#limited.filter((task) => !late.includes(task));
      await this.admit(late.map((task) => ({ ...task, returning: true })));
    }
    const first = this.#limited.find((task) => (!task.alone || this.#pool.running === 0) && !this.#isLate(task, now));
    if (!first) return;
    const alike = this.#limited.filter((task) => task.name === first.name && task.alone === first.alone);
    const group = alike.slice(0, first.alone ? 1 : this.#mostOf(first, free));
    if (group.length === 0) return;
    const taken = new Set(group);
    this.#limited = this.#limited.filter((task) => !taken.has(task));
    const places = this.#engine.registry.get(first.name)?.concurrency?.limit;
    const slots = new Map(group.map(({ id, slot }) => [id, slot]));
    const dueBy = first.slot === undefined ? 0 : this.#engine.clock.now() + HOLD_MS;
    await this.#claim([...slots.keys()], { alone: first.alone, limited: { places, slots }, dueBy });
  }

  #mostOf({ name }: Limited, free: number): number {
    const definition = this.#engine.registry.get(name);
    const size = definition && batchSize(definition);
    return size === undefined ? free : mostToClaim(size, free, this.#pool.running);
  }

  #isLate(task: Limited, now: number): boolean {
    const rate = this.#engine.registry.get(task.name)?.rateLimit;
    return rate !== undefined && hasLapsed(task, rate, now);
  }
}
