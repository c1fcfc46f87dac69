// Steps: named parts of a task whose outcome is recorded. What ended is never run again, in any attempt. Types only.
import type { z } from 'zod';
import type { Payload, TaskError } from '../task.ts';
import type { Duration } from './duration.ts';

export type StepKind = 'do' | 'sleep' | 'event' | 'approval' | 'each';

/** Which step of a task: two steps of one name have the occurrences 1 and 2. */
export interface StepName {
  name: string;
  occurrence: number;
}

/** A value as it is after JSON: what a step returns in every attempt, in the first one too. */
export type Stored<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends { toJSON(): infer Json }
    ? Stored<Json>
    : T extends (...args: never[]) => unknown
      ? never
      : { [Key in keyof T]: Stored<T[Key]> };

/** What the body of a step is given. */
export interface StepContext {
  /** The same whenever this step runs: pass it to APIs that accept an idempotency key. */
  idempotencyKey: string;
  /** Aborted when the step times out, and with the signal of the task. */
  signal: AbortSignal;
  /** 1 for the first time that the body runs, as far as is recorded. */
  attempt: number;
}

export interface StepOptions {
  /**
   * Tries beyond the first one, within the same attempt of the task. Default: none; the error of the body is then an error of the
   * attempt, and the task's own policy decides.
   */
  retries?: { limit: number; delay: Duration; backoff?: 'constant' | 'linear' | 'exponential' };
  /** How long one try may take. Default: as long as the attempt. */
  timeout?: Duration;
}

export interface StepUndo<T> {
  /**
   * Runs once if the task ends as FAILURE or REVOKED after this step was recorded. `result` is what the step returned. The undos of
   * a task run in reverse order, each is recorded, and one that fails is tried again.
   */
  undo(result: Stored<T>, step: StepContext): unknown;
}

/** How a step runs and is undone. */
export type StepHow = StepOptions & Partial<StepUndo<never>>;

export interface EventWait<Schema extends z.ZodType> {
  type: string;
  /** Only events with the same key count. Default: only events without a key. */
  key?: string;
  /** Default: 24 hours. When it has passed, the wait throws StepTimeout. */
  timeout?: Duration;
  /** The payload must fit it; otherwise the task is FAILURE. Default: any JSON. */
  schema?: Schema;
  /** The earliest event that counts, as an instant. Default: the first one that was stored after the task. */
  since?: Date | number;
}

/** An event that a task waited for. */
export interface StepEvent<T> {
  id: string;
  type: string;
  key: string | undefined;
  payload: T;
  /** When Errand took it. */
  at: Date;
}

export interface ApprovalRequest {
  /** What a person is asked, up to 200 characters. */
  title: string;
  /** Shown below the title: names and values. */
  details?: Record<string, string | number | boolean | null>;
  /** Default: 7 days. When it has passed, `decision()` throws StepTimeout. */
  timeout?: Duration;
}

export interface Decision {
  approved: boolean;
  /** Who decided: the name of an API key, or `link`. */
  by: string;
  note: string | undefined;
  at: Date;
}

export interface Approval {
  /** Opens a page with the buttons, without an API key. Undefined while PUBLIC_URL or LINK_SECRET is not set. */
  link: string | undefined;
  /** Waits. Throws StepTimeout when no person has decided in time. */
  decision(): Promise<Decision>;
}

/** `ctx.step`. A name has 1–256 characters and stays the same in every attempt. */
export interface Steps {
  /**
   * Runs `body` and records what it returns, as JSON. Once that is recorded, no attempt runs it again: it returns what was recorded.
   * An error of `body` is not recorded, so another attempt runs it again; if the task catches the error and goes on, it is recorded.
   */
  do<T>(name: string, body: (step: StepContext) => T | Promise<T>, undo?: StepUndo<T>): Promise<Stored<T>>;
  do<T>(
    name: string,
    options: StepOptions,
    body: (step: StepContext) => T | Promise<T>,
    undo?: StepUndo<T>,
  ): Promise<Stored<T>>;
  /** Ends the attempt, and goes on in another one after `duration`. Counts as no attempt. Up to ten years. */
  sleep(name: string, duration: Duration): Promise<void>;
  sleepUntil(name: string, at: Date | number): Promise<void>;
  /** The earliest event that no other step of this task took. Ends the attempt until there is one. */
  waitForEvent<Schema extends z.ZodType = z.ZodType<unknown>>(
    name: string,
    wait: EventWait<Schema>,
  ): Promise<StepEvent<z.output<Schema>>>;
  /** Asks a person. Resolves at once with the link; `decision()` waits. */
  approval(name: string, request: ApprovalRequest): Promise<Approval>;
  /**
   * Runs `body` for one item after the other. Every `every` items (default 100), and every second, the number of finished ones is
   * recorded; another attempt goes on from there. When the invocation must end, the loop goes on in the next one. Resolves to the
   * number of items. `items` must be the same in every attempt.
   */
  each<T>(
    name: string,
    items: readonly T[],
    body: (item: T, index: number) => unknown,
    options?: { every?: number },
  ): Promise<number>;
}

/** A step as it is recorded. All instants: epoch milliseconds. */
export interface RecordedStep extends StepName {
  position: number;
  kind: StepKind;
  /** `open`: it sleeps, waits, goes through its items, or is tried again later. */
  outcome: 'open' | 'done' | 'failed' | 'timed_out';
  /** Undefined for an event: its payload is the event's. */
  result: Payload | undefined;
  /** True when `result` was left out because it is long. */
  isLong: boolean;
  error: TaskError | undefined;
  /** For an approval: what a person is asked. */
  about: Pick<ApprovalRequest, 'title' | 'details'> | undefined;
  startedAt: number;
  endedAt: number | undefined;
  until: number | undefined;
  /** The number of the attempt that recorded it. */
  attempt: number;
  tries: number;
  /** `since`: undefined: all events that were stored after its task. */
  waitsFor: { type: string; key: string; since: number | undefined } | undefined;
  eventId: string | undefined;
  undo:
    | { outcome: 'offered' | 'done' | 'failed'; tries: number; error: TaskError | undefined; at: number | undefined }
    | undefined;
}
