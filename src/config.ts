// Turns bindings and vars into one validated Config. Every default and unit is set here; docs/configuration.md describes each
// var. An invalid value must stop the Worker from starting, and a secret must never be in the message.
import { z } from 'zod';
import { deployedVersion, type EngineSettings, parseRoutes } from './engine/manage.ts';
import type { Feed } from './live/feed.ts';
import type { Limiter } from './live/limiter.ts';

declare global {
  namespace Cloudflare {
    interface Env {
      DB: D1Database;
      FILES: R2Bucket;
      ASSETS: Fetcher;
      LIMITER: DurableObjectNamespace<Limiter>;
      LIVE: DurableObjectNamespace<Feed>;
      /** Absent if wrangler.toml does not declare it. */
      CF_VERSION_METADATA?: WorkerVersionMetadata;
      /** Present only if wrangler.toml declares it, for the mail provider `cloudflare`. */
      EMAIL?: SendEmail;
      IMAGES?: ImagesBinding;
    }
  }
}

/** The mail providers that send mail, as opposed to the mailbox. */
const SENDING = ['resend', 'postmark', 'sendgrid', 'mailgun', 'ses', 'cloudflare'] as const;
/** The vars without a default that each mail provider needs. */
const MAIL_NEEDS: Record<(typeof SENDING)[number], string[]> = {
  resend: ['RESEND_API_KEY'],
  postmark: ['POSTMARK_TOKEN'],
  sendgrid: ['SENDGRID_API_KEY'],
  mailgun: ['MAILGUN_API_KEY', 'MAILGUN_DOMAIN'],
  ses: ['SES_ACCESS_KEY_ID', 'SES_SECRET_ACCESS_KEY'],
  cloudflare: ['EMAIL'],
};
const SENDER = /^(?:[^<>\r\n]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/;
const SENDER_FORM = 'must be an address, or a name and an address: Errand <errand@example.com>';
/** Mail clients call the link to unsubscribe only over HTTPS (RFC 8058). */
const PUBLIC_URL =
  /^(?:https:\/\/|http:\/\/(?:localhost|127\.0\.0\.1)[:/]|http:\/\/(?:localhost|127\.0\.0\.1)$)[^?#\s"'<>&]*$/;
const PUBLIC_URL_FORM = 'must be an https URL without ? and #, such as https://errand.example.com';
const WEBHOOK_SECRET = /^(?:whsec_)?(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const WEBHOOK_SECRET_FORM = 'must be whsec_ and a base64 text, as Resend shows it';

const listOf = (text: string) => text.split(',').flatMap((part) => part.trim() || []);

/** What several vars share: each schema that is made takes time at every start. */
const text = z.string();
const url = z.url();
const onOrOff = z.enum(['on', 'off']);
/** A text that cannot be guessed, and one that signs. */
const token = text.min(16);
const secret = text.min(32);
const atLeastOne = z.coerce.number().int().min(1);
const days = z.coerce.number().min(0.01);
/** 0: for ever. */
const daysOrEver = z.coerce.number().min(0);

const Vars = z.object({
  /** `open`: requests to a loopback name (localhost) need no API key. */
  AUTH: z.enum(['keys', 'open']).default('keys'),
  /** `on`: the tasks whose names begin with `demo.` exist. */
  DEMO_TASKS: onOrOff.default('off'),
  MAIL_PROVIDER: z.enum(['mailbox', ...SENDING]).default('mailbox'),
  /** Names of providers, separated by commas, in the order in which they are asked. */
  MAIL_FALLBACK: z
    .string()
    .transform(listOf)
    .pipe(z.array(z.enum(SENDING)))
    .optional(),
  /** When a mail may have been sent: `resend` sends it again, `hold` leaves it to an operator. */
  MAIL_ON_UNCLEAR: z.enum(['resend', 'hold']).default('resend'),
  MAIL_FROM: text.regex(SENDER, SENDER_FORM).default('Errand <errand@example.com>'),
  /** The URL under which recipients reach the Worker. Without it, only transactional mail can be sent. */
  PUBLIC_URL: url.regex(PUBLIC_URL, PUBLIC_URL_FORM).optional(),
  /** The secret that signs links to unsubscribe. Without it, only transactional mail can be sent. */
  UNSUBSCRIBE_SECRET: secret.optional(),
  RESEND_API_KEY: text.optional(),
  RESEND_BASE_URL: url.default('https://api.resend.com'),
  RESEND_WEBHOOK_SECRET: text.regex(WEBHOOK_SECRET, WEBHOOK_SECRET_FORM).optional(),
  POSTMARK_TOKEN: text.optional(),
  POSTMARK_BASE_URL: url.default('https://api.postmarkapp.com'),
  POSTMARK_MESSAGE_STREAM: text.min(1).default('outbound'),
  POSTMARK_WEBHOOK_TOKEN: token.optional(),
  SENDGRID_API_KEY: text.optional(),
  SENDGRID_BASE_URL: url.default('https://api.sendgrid.com'),
  MAILGUN_API_KEY: text.optional(),
  MAILGUN_DOMAIN: text.optional(),
  MAILGUN_BASE_URL: url.default('https://api.mailgun.net'),
  SES_ACCESS_KEY_ID: text.optional(),
  SES_SECRET_ACCESS_KEY: text.optional(),
  SES_SESSION_TOKEN: text.optional(),
  SES_REGION: text.min(1).default('us-east-1'),
  SES_BASE_URL: url.optional(),
  /** Requests per minute for one API key. */
  KEY_RATE_LIMIT: atLeastOne.default(6000),
  /** Registrations per minute from one network address. */
  REGISTER_RATE_LIMIT: atLeastOne.default(20),
  /** Streams of events, and requests that wait for a task, that one isolate holds open: in all, and for one API key. */
  MAX_STREAMS: atLeastOne.default(1000),
  MAX_STREAMS_PER_KEY: atLeastOne.default(500),
  /** Queues by task name: `report.*=low, image.*=files`. */
  ROUTES: text.optional(),
  /** If a queue's backlog has more messages than this, enqueueing into it is refused. 0: no limit. */
  MAX_BACKLOG: z.coerce.number().int().min(0).default(0),
  /** Faults of a dependency in a row that open its circuit. */
  CIRCUIT_FAULTS: atLeastOne.default(5),
  CIRCUIT_PROBE_SECONDS: atLeastOne.default(30),
  /** The secret that signs callbacks, `whsec_…`. Without it, tasks with a callback URL are refused. */
  WEBHOOK_SECRET: text.startsWith('whsec_').min(30).optional(),
  /** `on`: callbacks may go to plain HTTP and to private networks. For development. */
  WEBHOOK_ALLOW_PRIVATE: onOrOff.default('off'),
  /** A token with which a scraper may read GET /metrics without an API key. */
  METRICS_TOKEN: token.optional(),
  /** `auto`: pictures beyond the isolate's limits go to Cloudflare's Images binding, if it is configured. */
  IMAGE_ENGINE: z.enum(['photon', 'auto']).default('photon'),
  /** The secret that signs links to files. Without it, no links are made. */
  LINK_SECRET: secret.optional(),
  RETENTION_SUCCESS_DAYS: days.default(7),
  RETENTION_FAILURE_DAYS: days.default(30),
  /** How long events are kept for tasks that will wait for them. */
  RETENTION_EVENTS_DAYS: days.default(7),
  /** 0: files are kept for ever. */
  RETENTION_UPLOADS_DAYS: daysOrEver.default(30),
  RETENTION_OUTPUTS_DAYS: daysOrEver.default(30),
});

export type Config = z.infer<typeof Vars> & {
  engine: EngineSettings;
  /** The part that tasks read from `ctx.settings`. */
  taskSettings: Errand.Settings;
};

const DAY_SECONDS = 86_400;

/** Throws an Error that names each invalid or missing var. */
export function readConfig(env: object): Config {
  const vars = Vars.safeParse(env);
  if (!vars.success) {
    const faults = vars.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The configuration is not valid. ${faults.join('; ')}`);
  }
  const faults = mailFaults(vars.data, env);
  if (faults.length > 0) throw new Error(`The configuration is not valid. ${faults.join('; ')}`);
  try {
    const { CF_VERSION_METADATA } = env as Partial<Cloudflare.Env>;
    const engine = { ...engineSettings(vars.data), version: deployedVersion(CF_VERSION_METADATA) };
    const retention = {
      uploadsSeconds: vars.data.RETENTION_UPLOADS_DAYS * DAY_SECONDS,
      outputsSeconds: vars.data.RETENTION_OUTPUTS_DAYS * DAY_SECONDS,
      tasksSeconds: Math.max(...Object.values(engine.retentionSeconds)),
    };
    const callbacks = { secret: vars.data.WEBHOOK_SECRET, allowPrivate: vars.data.WEBHOOK_ALLOW_PRIVATE === 'on' };
    return { ...vars.data, taskSettings: { retention, callbacks }, engine };
  } catch (error) {
    throw new Error(`The configuration is not valid. ROUTES: ${error instanceof Error ? error.message : error}`);
  }
}

/**
 * One fault for each var that a chosen mail provider needs and that is missing, and for a MAIL_FALLBACK that makes no
 * sense.
 */
function mailFaults({ MAIL_PROVIDER, MAIL_FALLBACK = [] }: z.infer<typeof Vars>, env: object): string[] {
  const names = [MAIL_PROVIDER, ...MAIL_FALLBACK];
  const given = env as Record<string, unknown>;
  const missing = names.flatMap((name) =>
    (name === 'mailbox' ? [] : MAIL_NEEDS[name])
      .filter((need) => !given[need])
      .map((need) => `${need}: must be set, because the mail provider "${name}" needs it`),
  );
  const twice =
    new Set(names).size < names.length
      ? ['MAIL_FALLBACK: must not name a provider that MAIL_PROVIDER or MAIL_FALLBACK names already']
      : [];
  const idle = MAIL_PROVIDER === 'mailbox' && MAIL_FALLBACK.length > 0;
  return [...missing, ...twice, ...(idle ? ['MAIL_FALLBACK: must be empty when MAIL_PROVIDER is "mailbox"'] : [])];
}

function engineSettings(vars: z.infer<typeof Vars>): Omit<EngineSettings, 'version'> {
  return {
    routes: parseRoutes(vars.ROUTES ?? ''),
    maxBacklog: vars.MAX_BACKLOG || undefined,
    circuit: { faults: vars.CIRCUIT_FAULTS, probeSeconds: vars.CIRCUIT_PROBE_SECONDS },
    leaseSeconds: 30,
    maxCrashes: 3,
    ringGraceSeconds: 15,
    deliverySeconds: 60,
    backgroundSeconds: 20,
    inlineBytes: 32_768,
    maxPayloadBytes: 25_000_000,
    eventSeconds: vars.RETENTION_EVENTS_DAYS * DAY_SECONDS,
    retentionSeconds: {
      SUCCESS: vars.RETENTION_SUCCESS_DAYS * DAY_SECONDS,
      FAILURE: vars.RETENTION_FAILURE_DAYS * DAY_SECONDS,
      REVOKED: vars.RETENTION_SUCCESS_DAYS * DAY_SECONDS,
    },
  };
}
