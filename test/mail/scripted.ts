// Mail providers that do what a test wants, circuits that a test opens, and a mailer on the real D1 whose runs may die.
import { env } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { Circuits, Mail } from '../../src/mail/index.ts';
import { MailError } from '../../src/mail/mail-error.ts';
import { createSender } from '../../src/mail/mailer.ts';
import type { MailerParts } from '../../src/mail/mailer-parts.ts';
import type { MailProvider } from '../../src/mail/provider.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
export const HOUR = 3_600_000;
export const START = 1_790_000_000_000;

export const unclear = () => new MailError('no answer', { permanent: false, unclear: true, fault: true });
export const closed = () => new MailError('503', { permanent: false, fault: true });
export const limited = () => new MailError('429', { permanent: false, retryAfterSeconds: 7 });
export const refused = () => new MailError('422', { permanent: true });

export type Step = 'take' | 'die after taking' | 'hang' | (() => MailError);

/** A provider that does one step per call and then accepts. `taken`: the idempotency keys of the mails it accepted, in order. */
export function scripted(name: string, steps: Step[] = [], remembersSeconds = 0) {
  const taken: string[] = [];
  const asked: string[] = [];
  const provider: MailProvider & { taken: string[]; asked: string[]; steps: Step[] } = {
    ...{ name, remembersSeconds, taken, asked, steps },
    async send(_letter, { idempotencyKey }) {
      asked.push(idempotencyKey);
      const step = steps.shift() ?? 'take';
      if (typeof step === 'function') throw step();
      if (step === 'hang') return new Promise(() => {});
      if (remembersSeconds === 0 || !taken.includes(idempotencyKey)) taken.push(idempotencyKey);
      if (step === 'die after taking') return new Promise(() => {});
      return `${name}-${idempotencyKey}`;
    },
  };
  return provider;
}

/** Circuits that the test opens. `faults` lists the circuits that counted a fault. */
export function manualCircuits() {
  class Open extends Error {}
  const open = new Set<string>();
  const faults: string[] = [];
  const calls: string[] = [];
  const circuits: Circuits = {
    async call(name, work, isFault) {
      if (open.has(name)) throw new Open(`${name} is open`);
      calls.push(name);
      try {
        return await work();
      } catch (error) {
        if (isFault(error)) faults.push(name);
        throw error;
      }
    },
    isOpen: (error) => error instanceof Open,
  };
  return { circuits, open, faults, calls, Open };
}

export function setUp(providers: MailProvider[], options: Partial<MailerParts> = {}) {
  let now = START;
  const key = crypto.randomUUID();
  const parts: MailerParts = {
    db: env.DB,
    providers,
    onUnclear: 'resend',
    circuits: { call: (_, work) => work(), isOpen: () => false },
    attachments: undefined,
    unsubscribeUrl: undefined,
    now: () => now,
    ...options,
  };
  const { signal } = new AbortController();
  return {
    key,
    advance: (ms: number) => {
      now += ms;
    },
    send: (changes: Partial<MailerParts> = {}) =>
      createSender({ ...parts, ...changes }).send(mail, { idempotencyKey: key, signal }),
    /** Starts a run that never ends, as if its invocation had died. Resolves when the provider was asked. */
    async sendAndDie(provider: { asked: string[] }) {
      void createSender(parts).send(mail, { idempotencyKey: key, signal });
      await vi.waitFor(() => expect(provider.asked).toContain(key));
    },
    row: () =>
      env.DB.prepare('SELECT * FROM sent_mails WHERE idempotency_key = ?').bind(key).first<Record<string, unknown>>(),
  };
}

/** A D1 in which the statements that match `match` fail, the first `times` times. */
export function failingDb(match: RegExp, times = Number.POSITIVE_INFINITY): D1Database {
  let left = times;
  const broken = { bind: () => broken, run: fail, first: fail, all: fail };
  async function fail(): Promise<never> {
    throw new Error('D1_ERROR: Network connection lost.');
  }
  return new Proxy(env.DB, {
    get(target, property) {
      if (property === 'prepare') {
        return (sql: string) => (match.test(sql) && left-- > 0 ? broken : target.prepare(sql));
      }
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
