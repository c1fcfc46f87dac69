// An engine for tests: the real D1 and R2 of the test file, a clock that the test moves, and queues that keep what was sent and
// refuse what Cloudflare Queues refuses. A trigger in the database refuses every transition that the engine does not list.
import { env } from 'cloudflare:workers';
import { readConfig } from '../../src/config.ts';
import { type AnyDefinition, QUEUE_NAMES, type QueueName, STATES } from '../../src/engine/index.ts';
import {
  consume,
  createQueueDoorbell,
  createRegistry,
  type Engine,
  type Line,
  type Logger,
  shorten,
  sweep,
  TRANSITIONS,
  takeSlots,
} from '../../src/engine/manage.ts';
import { createFiles } from '../../src/files/index.ts';
import { createPayloads } from '../../src/files/payloads.ts';
import { createImages } from '../../src/images/index.ts';
import { createServices } from '../../src/tasks/index.ts';

export interface Sent {
  body: { ids: string[]; alone?: boolean; task?: string; returning?: boolean };
  delaySeconds: number;
}

export interface TestEngine extends Engine {
  /** The queues behind the doorbell. */
  queues: Record<QueueName, Queue>;
  /** Messages that were sent and not yet delivered, by queue. */
  sent: Record<QueueName, Sent[]>;
  /** Log lines of the levels warn and error. */
  complaints: { message: string; fields: Record<string, unknown> }[];
  /** The results of every D1 batch so far. */
  batches: D1Result[][];
  /** Moves the clock. */
  advance(seconds: number): void;
  /** Waits until all deferred work is done. */
  idle(): Promise<void>;
  /** Delivers all messages sent so far, in one delivery per queue, and waits until they are handled. */
  deliver(): Promise<void>;
  /** Delivers and moves the clock to the next due task, until no task waits, at most `rounds` times. */
  drain(rounds?: number): Promise<void>;
}

export async function makeEngine(definitions: AnyDefinition[], overrides: Partial<Engine> = {}): Promise<TestEngine> {
  await refuseIllegalTransitions();
  await env.DB.exec('DELETE FROM wake_marks'); // the clock of an earlier engine may have moved it ahead
  let now = Date.now();
  const deferred = new Set<Promise<unknown>>();
  const sent = Object.fromEntries(QUEUE_NAMES.map((queue) => [queue, [] as Sent[]])) as TestEngine['sent'];
  const complaints: TestEngine['complaints'] = [];
  const batches: D1Result[][] = [];
  const complain = (message: string, fields: Record<string, unknown> = {}) => complaints.push({ message, fields });
  const logger: Logger = { info: () => {}, warn: complain, error: complain };

  const lines = new Map<string, Line>();
  const timers: { at: number; resolve: () => void }[] = [];
  let busy = 0;
  /** Ends the waits in order and moves the clock, each wait only when no D1 batch is running. */
  const passTime = async () => {
    while (timers.length > 0) {
      await scheduler.wait(0);
      if (busy > 0) continue;
      timers.sort((a, b) => a.at - b.at);
      const next = timers.shift();
      now = Math.max(now, next?.at ?? now);
      next?.resolve();
    }
  };

  const queues = Object.fromEntries(
    QUEUE_NAMES.map((queue) => [queue, fakeQueue(sent[queue])]),
  ) as TestEngine['queues'];
  const engine: TestEngine = {
    db: countingDb(batches, (change) => {
      busy += change;
    }),
    queues,
    doorbell: createQueueDoorbell(queues),
    payloads: createPayloads(env.FILES),
    registry: createRegistry(definitions),
    services: createServices(env, {
      mail: {
        MAIL_PROVIDER: 'mailbox',
        MAIL_FROM: 'a@example.com',
        PUBLIC_URL: 'https://errand.example',
        UNSUBSCRIBE_SECRET: 'another secret that only the tests know',
      },
      files: createFiles(env.FILES),
      images: createImages('photon'),
      now: () => now,
    }),
    taskSettings: readConfig({}).taskSettings,
    settings: { ...readConfig({}).engine },
    pacer: {
      async reserve(name, asking) {
        const { line, answer } = takeSlots(lines.get(name) ?? { next: 0, tail: 0, spacing: asking.spacing }, asking);
        lines.set(name, line);
        return answer;
      },
      async release(name, count) {
        const line = lines.get(name);
        if (line) lines.set(name, shorten(line, count));
      },
    },
    clock: {
      now: () => now,
      wait: (ms) =>
        new Promise((resolve) => {
          timers.push({ at: now + ms, resolve });
          if (timers.length === 1) void passTime();
        }),
    },
    logger,
    random: () => 0.5,
    defer(promise) {
      deferred.add(promise);
      void promise.finally(() => deferred.delete(promise)).catch(() => {});
    },
    ...overrides,
    sent,
    complaints,
    batches,
    advance(seconds) {
      now += seconds * 1000;
    },
    async idle() {
      while (deferred.size > 0) await Promise.allSettled([...deferred]);
    },
    async deliver() {
      await engine.idle();
      for (const queue of QUEUE_NAMES) {
        const messages = sent[queue].splice(0);
        if (messages.length > 0)
          await consume(
            engine,
            queue,
            aBatch(
              queue,
              messages.map(({ body }) => body),
            ),
          );
      }
      await engine.idle();
    },
    async drain(rounds = 20) {
      for (let round = 0; round < rounds; round++) {
        await engine.deliver();
        const { left, due } = (await env.DB.prepare(
          'SELECT count(*) AS left, min(due_at) AS due FROM tasks WHERE finished_at IS NULL',
        ).first<{ left: number; due: number }>()) ?? { left: 0, due: 0 };
        if (left === 0) return;
        now = Math.max(now, due) + 1;
        if (Object.values(sent).every((messages) => messages.length === 0)) {
          engine.advance(3600);
          await sweep(engine);
        }
      }
    },
  };
  return engine;
}

/** A delivery that records which messages were acknowledged and which are to be delivered again. */
export function aBatch(queue: string, bodies: unknown[]): MessageBatch & { acked: number[]; retried: number[] } {
  const acked: number[] = [];
  const retried: number[] = [];
  const messages = bodies.map((body, index) => ({
    id: `m${index}`,
    timestamp: new Date(),
    attempts: 1,
    body,
    ack: () => acked.push(index),
    retry: () => retried.push(index),
  }));
  return {
    queue: `errand-${queue}`,
    messages,
    acked,
    retried,
    ackAll() {},
    retryAll() {},
  } as unknown as MessageBatch & {
    acked: number[];
    retried: number[];
  };
}

/** The row of a task, as it is in the table. */
export async function rowOf(id: string): Promise<Record<string, string | number | null>> {
  const row = await env.DB.prepare('SELECT * FROM tasks WHERE id = ?')
    .bind(id)
    .first<Record<string, string | number | null>>();
  if (!row) throw new Error(`no row ${id}`);
  return row;
}

export async function statesOf(ids: string[]): Promise<string[]> {
  const { results } = await env.DB.prepare(
    'SELECT tasks.state FROM json_each(?1) AS j JOIN tasks ON tasks.id = j.value ORDER BY j.key',
  )
    .bind(JSON.stringify(ids))
    .all<{ state: string }>();
  return results.map(({ state }) => state);
}

function countingDb(batches: D1Result[][], busy: (change: number) => void): D1Database {
  return new Proxy(env.DB, {
    get(target, property) {
      if (property === 'batch') {
        return async (statements: D1PreparedStatement[]) => {
          busy(1);
          try {
            const results = await target.batch(statements);
            batches.push(results);
            return results;
          } finally {
            busy(-1);
          }
        };
      }
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function fakeQueue(sent: Sent[]): Queue {
  const metrics = { backlogCount: 0, backlogBytes: 0 };
  return {
    async metrics() {
      return metrics;
    },
    async send() {
      throw new Error('the engine sends batches');
    },
    async sendBatch(requests: Iterable<MessageSendRequest>) {
      const messages = [...requests];
      const sizes = messages.map(({ body }) => JSON.stringify(body).length);
      if (messages.length === 0 || messages.length > 100) throw new Error('sendBatch: 1–100 messages');
      if (Math.max(...sizes) > 128_000) throw new Error('sendBatch: a message over 128 KB');
      if (sizes.reduce((sum, size) => sum + size, 0) > 256_000) throw new Error('sendBatch: over 256 KB');
      for (const { body, delaySeconds = 0 } of messages) {
        if (!Number.isInteger(delaySeconds) || delaySeconds < 0 || delaySeconds > 86_400)
          throw new Error(`delay ${delaySeconds}`);
        sent.push({ body: body as Sent['body'], delaySeconds });
      }
      return { metadata: { metrics } };
    },
  } as unknown as Queue;
}

async function refuseIllegalTransitions(): Promise<void> {
  const legal = STATES.flatMap((from) => TRANSITIONS[from].map((to) => `'${from} ${to}'`)).join(', ');
  const isIllegal = `old.state || ' ' || new.state NOT IN (${legal})`;
  const isForgotten = "(new.wake_at = 0 AND new.state IN ('PENDING', 'RETRY'))";
  await env.DB.exec(
    `CREATE TRIGGER IF NOT EXISTS legal_transitions BEFORE UPDATE OF state ON tasks WHEN old.state <> new.state AND (${isIllegal} OR ${isForgotten}) BEGIN SELECT RAISE(ABORT, 'illegal transition'); END`,
  );
  const passed =
    "SELECT 1 FROM tasks WHERE state = 'PENDING' AND wake_at = 0 AND queue = new.queue AND id <= new.up_to";
  await env.DB.exec(
    `CREATE TRIGGER IF NOT EXISTS none_passed BEFORE UPDATE ON wake_marks WHEN EXISTS (${passed}) BEGIN SELECT RAISE(ABORT, 'the mark passes a task'); END`,
  );
}
