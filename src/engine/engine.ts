// The engine's ports and settings in one value, which every operation takes first. index.ts of the Worker makes one per
// isolate; tests make their own.
import type { Clock } from './clock.ts';
import type { Answer, Asking } from './limits/rate.ts';
import type { Route } from './limits/route.ts';
import type { Logger } from './logger.ts';
import type { QueueName } from './queues.ts';
import type { Registry } from './registry.ts';
import type { Ring } from './ring.ts';
import type { State } from './state.ts';
import type { Progress } from './task.ts';

/** Where payloads too large for a row are kept. */
export interface PayloadStore {
  put(key: string, json: string): Promise<void>;
  /** undefined when there is no such payload, or it is larger than `maxBytes`. */
  get(key: string, limit?: { maxBytes: number }): Promise<string | undefined>;
  /** The payload as a stream, however large. */
  open(key: string): Promise<ReadableStream | undefined>;
  delete(keys: string[]): Promise<void>;
}

/** Grants starts to rate-limited definitions, exactly and over all isolates: a Durable Object each. */
export interface Pacer {
  reserve(name: string, asking: Asking): Promise<Answer>;
  /** So many of the line will not come back. */
  release(name: string, count: number): Promise<void>;
}

/** What became of a task, for whoever watches. */
export interface LiveEvent {
  taskId: string;
  name: string;
  queue: QueueName;
  state: State;
  progress: Progress | undefined;
  workflowId: string | undefined;
  /** Epoch milliseconds. */
  at: number;
}

export interface Lane {
  /** Task ids one queue message carries. */
  idsPerMessage: number;
  /** Tasks one invocation runs at once. */
  concurrency: number;
  /** The most one claim takes while tasks end as soon as they are started; they never run side by side. */
  burst: number;
}

export interface EngineSettings {
  lanes: Record<QueueName, Lane>;
  /** Lanes by name of task, for definitions that name none. */
  routes: readonly Route[];
  /** Messages in a lane's queue above which nothing more is enqueued into it; undefined: no limit. */
  maxBacklog: number | undefined;
  /** Faults of a dependency in a row that open its circuit, and the seconds until it is probed. */
  circuit: { faults: number; probeSeconds: number };
  /** A lease not renewed for so long counts as a crash. */
  leaseSeconds: number;
  /** Crashes after which a task is FAILURE `poisoned`. */
  maxCrashes: number;
  /** How long after its ring an unstarted task is looked at by the sweep. */
  ringGraceSeconds: number;
  /** Seconds after which a delivery claims no more and passes the rest on. */
  deliverySeconds: number;
  /** Seconds a background task may run before it goes to the queue: under the 30 s `waitUntil` allows. */
  backgroundSeconds: number;
  /** Payloads up to so many bytes live in the row, larger ones in R2. */
  inlineBytes: number;
  /** The largest input or result. */
  maxPayloadBytes: number;
  /** How long final tasks are kept, in seconds. */
  retentionSeconds: { SUCCESS: number; FAILURE: number; REVOKED: number };
}

export interface Engine {
  db: D1Database;
  queues: Record<QueueName, Queue>;
  payloads: PayloadStore;
  pacer: Pacer;
  registry: Registry;
  services: Errand.Services;
  settings: EngineSettings;
  clock: Clock;
  logger: Logger;
  /** A number in [0, 1). */
  random(): number;
  /** Keeps the invocation alive until the promise settles: `ctx.waitUntil`. */
  defer(promise: Promise<unknown>): void;
  /**
   * Tells who watches from outside; called only while somebody does, once for each commit that changed tasks. Nothing
   * waits for it, and a failure is logged: what is lost is news, never a task. Absent: nobody can watch.
   */
  publish?: (events: readonly LiveEvent[]) => Promise<void>;
  /** Eager mode's doorbell: runs the tasks in the caller. Set by `makeEager`. */
  runNow?: (rings: readonly Ring[]) => Promise<void>;
}

let current: Engine | undefined;

/** Makes this the engine that `definition.delay()` and `background()` use. */
export function useEngine(engine: Engine): void {
  current = engine;
}

/** Throws a plain Error when no engine was set: the wiring is missing. */
export function currentEngine(): Engine {
  if (!current) throw new Error('no engine: call useEngine() before enqueueing (src/index.ts does)');
  return current;
}
