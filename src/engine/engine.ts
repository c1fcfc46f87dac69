// The engine's ports and settings in one value, which every operation takes first. index.ts of the Worker makes one per
// isolate; tests make their own. Types only.

import type { ClaimedTask } from './claimed-task.ts';
import type { Clock } from './clock.ts';
import type { AnyDefinition, Handler } from './handler.ts';
import type { Hooks } from './hook.ts';
import type { Answer, Asking } from './limits/rate.ts';
import type { Route } from './limits/routes.ts';
import type { Logger } from './logger.ts';
import type { QueueName } from './queues.ts';
import type { Ring } from './ring.ts';
import type { ScheduleEntry } from './schedule/entry.ts';
import type { StepName } from './steps/step.ts';
import type { TaskUpdate, Version } from './task.ts';

/** Where payloads too large for a row are kept. */
export interface PayloadStore {
  put(payloadKey: string, json: string): Promise<void>;
  /** undefined when there is no such payload, or it is larger than `maxBytes`. */
  get(payloadKey: string, limit?: { maxBytes: number }): Promise<string | undefined>;
  /** The payload as a stream, of any size. */
  open(payloadKey: string): Promise<ReadableStream | undefined>;
  delete(payloadKeys: string[]): Promise<void>;
  /** Up to 1,000 payload keys after `after`, in their order, and when each payload was written (epoch milliseconds). None: there are no more. */
  list(prefix: string, after: string | undefined): Promise<{ key: string; writtenAt: number }[]>;
}

/** Grants start times to rate-limited definitions, exactly and over all isolates: one Durable Object per definition. */
export interface Pacer {
  reserve(name: string, asking: Asking): Promise<Answer>;
  /** Removes `count` tasks from the waiting line: they were revoked. */
  release(name: string, count: number): Promise<void>;
}

/** How waiting tasks get started: by queue messages, or at once in the caller (eager mode). No method rejects. */
export interface Doorbell {
  /** Rings without making the caller wait for the messages. Eager: runs the tasks; resolves when they have ended. */
  announce(engine: Engine, rings: readonly Ring[]): Promise<void>;
  /** Rings for tasks that are due soon enough for a message; resolves when each message was sent or has failed. */
  ring(engine: Engine, rings: readonly Ring[]): Promise<void>;
  /** undefined: there is no queue, or it did not answer. */
  backlogOf(engine: Engine, queue: QueueName): Promise<Backlog | undefined>;
  /** Runs tasks that this invocation has claimed, beside the caller, and calls `ended` then. Eager: resolves when they have ended. */
  startHere(engine: Engine, started: StartedHere, ended: () => void): Promise<void>;
  /** Tasks due by then may start now. Epoch milliseconds. */
  dueBy(now: number): number;
  /** False: tasks start past the limits of their definitions. */
  readonly keepsLimits: boolean;
  /** Calls of concurrent requests are committed together. False: each call waits until its own tasks have ended. */
  readonly joinsCalls: boolean;
}

/** Tasks that were claimed in the commit that inserted them. */
export interface StartedHere {
  queue: QueueName;
  tasks: readonly ClaimedTask[];
  leaseId: string;
  /** Runs the tasks instead of their definition's own. */
  handler: Handler | undefined;
}

export interface Backlog {
  messages: number;
  bytes: number;
  /** When the oldest message was sent, epoch milliseconds. */
  oldestAt: number | undefined;
}

/** All definitions of this deployment. */
export interface Registry {
  get(name: string): AnyDefinition | undefined;
  /** The definitions that start on an event of this type. */
  startedBy(type: string): AnyDefinition[];
  /** By name, without those the engine itself enqueues. */
  all(): AnyDefinition[];
  /** The schedules that stand in code, by name. */
  readonly schedules: ReadonlyMap<string, ScheduleEntry>;
  /** The known names nearest to `name`, best first, at most three, none that is far off. */
  nearest(name: string): string[];
}

export interface EngineSettings {
  /** Queues by name of task, for definitions that name none. */
  routes: readonly Route[];
  /** Messages in a queue above which it accepts no more tasks; undefined: no limit. */
  maxBacklog: number | undefined;
  /** Faults of a dependency in a row that open its circuit, and the seconds until it is probed. */
  circuit: { faults: number; probeSeconds: number };
  /** A lease not renewed for this long counts as a crash. */
  leaseSeconds: number;
  /** Crashes after which a task is FAILURE `poisoned`. */
  maxCrashes: number;
  /** How long after its ring the sweep looks at a task that has not started. */
  ringGraceSeconds: number;
  /** Seconds after which a delivery claims no more and passes the rest on. */
  deliverySeconds: number;
  /** Seconds a background task may run before it goes to the queue: under the 30 s `waitUntil` allows. */
  backgroundSeconds: number;
  /** Payloads up to this many bytes live in the row, larger ones in R2. */
  inlineBytes: number;
  /** The largest input or result. */
  maxPayloadBytes: number;
  /** How long events are kept for tasks that will wait for them, in seconds. */
  eventSeconds: number;
  /** How long final tasks are kept, in seconds. */
  retentionSeconds: { SUCCESS: number; FAILURE: number; REVOKED: number };
  /** The deployed version that runs here; undefined: not known. */
  version: Version | undefined;
}

export interface Engine {
  db: D1Database;
  doorbell: Doorbell;
  payloads: PayloadStore;
  pacer: Pacer;
  registry: Registry;
  /** What tasks reach through `ctx.services`. */
  services: Errand.Services;
  /** What tasks read from `ctx.settings`. */
  taskSettings: Errand.Settings;
  settings: EngineSettings;
  clock: Clock;
  logger: Logger;
  /** The link with which a person decides an approval without an API key. Absent: there are no such links. */
  approvalLink?: (step: StepName & { taskId: string }) => Promise<string>;
  /** Code around every task, in the order in which it runs. Absent: none. */
  hooks?: readonly Hooks[];
  /** A number in [0, 1). */
  random(): number;
  /** Keeps the invocation alive until the promise settles: `ctx.waitUntil`. */
  defer(promise: Promise<unknown>): void;
  /**
   * Sends updates to the clients that watch. Called once for each commit that changed tasks, only while a client watches.
   * The engine does not wait for it and logs a failure: a lost update loses no task. Absent: there is no live feed.
   */
  publish?: (updates: readonly TaskUpdate[]) => Promise<void>;
}
