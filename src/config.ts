// Bindings and vars → one validated Config. Every default and unit lives here; docs/configuration.md describes each var.
import { z } from 'zod';
import type { EngineSettings, QueueName } from './engine/index.ts';
import type { Limiter } from './live/limiter.ts';

declare global {
  namespace Cloudflare {
    interface Env {
      DB: D1Database;
      FILES: R2Bucket;
      QUEUE_HIGH: Queue;
      QUEUE_DEFAULT: Queue;
      QUEUE_LOW: Queue;
      QUEUE_EMAIL: Queue;
      QUEUE_FILES: Queue;
      QUEUE_DEAD: Queue;
      ASSETS: Fetcher;
      LIMITER: DurableObjectNamespace<Limiter>;
    }
  }
}

const Vars = z.object({
  /** `keys`, or `open`: no key needed, but only for requests to a loopback name. */
  AUTH: z.enum(['keys', 'open']).default('keys'),
  /** `on`: the tasks under `demo.` exist. */
  DEMO_TASKS: z.enum(['on', 'off']).default('off'),
  MAIL_PROVIDER: z.enum(['mailbox', 'resend']).default('mailbox'),
  MAIL_FROM: z.string().min(3).default('Errand <errand@example.com>'),
  RESEND_API_KEY: z.string().optional(),
  RESEND_BASE_URL: z.url().default('https://api.resend.com'),
  /** Requests a minute one API key may make. */
  KEY_RATE_LIMIT: z.coerce.number().int().min(1).default(6000),
  /** Registrations a minute from one address. */
  REGISTER_RATE_LIMIT: z.coerce.number().int().min(1).default(20),
  RETENTION_SUCCESS_DAYS: z.coerce.number().min(0.01).default(7),
  RETENTION_FAILURE_DAYS: z.coerce.number().min(0.01).default(30),
});

export type Config = z.infer<typeof Vars> & { engine: EngineSettings };

const DAY_SECONDS = 86_400;

/** Throws an Error that names each bad var. */
export function readConfig(env: object): Config {
  const vars = Vars.safeParse(env);
  if (!vars.success) {
    const faults = vars.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`the configuration is not valid. ${faults.join('; ')}`);
  }
  if (vars.data.MAIL_PROVIDER === 'resend' && !vars.data.RESEND_API_KEY) {
    throw new Error('the configuration is not valid. RESEND_API_KEY: needed when MAIL_PROVIDER is "resend"');
  }
  return { ...vars.data, engine: engineSettings(vars.data) };
}

/** The queue behind each lane. */
export function queuesOf(env: Cloudflare.Env): Record<QueueName, Queue> {
  const { QUEUE_HIGH, QUEUE_DEFAULT, QUEUE_LOW, QUEUE_EMAIL, QUEUE_FILES } = env;
  return { high: QUEUE_HIGH, default: QUEUE_DEFAULT, low: QUEUE_LOW, email: QUEUE_EMAIL, files: QUEUE_FILES };
}

function engineSettings(vars: z.infer<typeof Vars>): EngineSettings {
  const small = { idsPerMessage: 250, concurrency: 50, burst: 500 };
  return {
    lanes: {
      high: small,
      default: small,
      low: small,
      email: { idsPerMessage: 10, concurrency: 10, burst: 10 },
      files: { idsPerMessage: 1, concurrency: 1, burst: 1 },
    },
    leaseSeconds: 30,
    maxCrashes: 3,
    ringGraceSeconds: 15,
    deliverySeconds: 60,
    backgroundSeconds: 20,
    inlineBytes: 32_768,
    maxPayloadBytes: 25_000_000,
    retentionSeconds: {
      SUCCESS: vars.RETENTION_SUCCESS_DAYS * DAY_SECONDS,
      FAILURE: vars.RETENTION_FAILURE_DAYS * DAY_SECONDS,
      REVOKED: vars.RETENTION_SUCCESS_DAYS * DAY_SECONDS,
    },
  };
}
