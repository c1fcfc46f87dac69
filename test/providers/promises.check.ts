// What the documents of the providers promise: every answer leads to the right decision, every event is read by the webhook's
// route, and the default URL of each provider is one of its own servers. Runs in workerd, as part of npm run test:providers.
import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { createMailer, listSuppressions } from '../../src/mail/index.ts';
import { type Contract, PROVIDERS } from '../mail/contract.ts';
import { anApp, reply } from '../support/worker.ts';
import type { PromisedAnswer } from './operation.ts';

interface Promised {
  provider: string;
  servers: string[];
  answers: PromisedAnswer[];
  events: { type: string; event: unknown }[];
}

const { promises, missing } = JSON.parse(env.PROVIDER_PROMISES) as { promises: Promised[]; missing: string[] };
/** The field of a successful answer that is the id of the mail. SendGrid has it in a header that its document leaves out. */
const IDS: Record<string, string | undefined> = {
  resend: 'id',
  postmark: 'MessageID',
  mailgun: 'id',
  sendgrid: undefined,
};

afterEach(() => vi.restoreAllMocks());

for (const { provider, servers, answers } of promises) {
  const { settings, start } = PROVIDERS[provider] as Contract;
  const send = () =>
    createMailer(env.DB, settings, Date.now).send(
      { to: 'ada@example.com', subject: 'Hi', text: 'Hello' },
      { idempotencyKey: crypto.randomUUID(), signal: new AbortController().signal },
    );

  describe(provider, () => {
    it.each(answers)('is understood when it answers $status with $body', async ({ status, body }) => {
      start().fake.next({ status, body });
      const field = IDS[provider];

      if (status < 300) {
        const messageId = field === undefined ? '' : (body as Record<string, string>)[field];
        expect(await send()).toEqual({ provider, message_id: messageId });
        return;
      }
      const error = await send().catch((thrown: unknown) => thrown);
      const passing = status === 429 || status >= 500;
      expect(error).toMatchObject({ permanent: !passing, unclear: status >= 500, fault: status >= 500 });
      const { message } = body as { message?: string };
      if (message !== undefined) expect((error as Error).message).toContain(message.slice(0, 200));
    });

    it('is called at one of its own servers by default', () => {
      const url = readConfig(env)[`${provider.toUpperCase()}_BASE_URL` as 'RESEND_BASE_URL'];
      const hosts = servers.map((server) => new URL(server, 'https://document.example').host);
      expect(hosts).toContain(new URL(url).host);
    });
  });
}

/** The events that suppress an address; every other event suppresses none. */
const SUPPRESSING: Record<string, (data: { bounce?: { type: string } }) => boolean> = {
  'email.bounced': ({ bounce }) => bounce?.type === 'Permanent',
  'email.complained': () => true,
  'email.suppressed': () => true,
  HardBounce: () => true,
  BadEmailAddress: () => true,
  SpamComplaint: () => true,
};
const SECRET = `whsec_${btoa('a secret of twenty-four b')}`;
const TOKEN = 'a-token-of-some-length';
const { call } = await anApp({
  settings: {
    ...{ AUTH: 'keys', MAIL_PROVIDER: 'resend', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 },
    ...{ RESEND_WEBHOOK_SECRET: SECRET, POSTMARK_WEBHOOK_TOKEN: TOKEN },
  },
});
const eventsOf = (wanted: string) => promises.find(({ provider }) => provider === wanted)?.events ?? [];

const suppressionsOf = async (address: string) =>
  (await listSuppressions(env.DB, 1000, undefined)).filter((row) => row.address === address);

describe.skipIf(missing.includes('resend'))('the events of Resend', () => {
  it.each(eventsOf('resend'))('$type is read: $event.data', async ({ type, event }) => {
    const address = `${crypto.randomUUID()}@example.com`;
    const { data: given, ...about } = event as { data: Record<string, unknown> };
    const data = { ...given, ...('to' in given && { to: [`Ada <${address}>`] }) };
    const body = JSON.stringify({ ...about, data });
    const [id, at] = [`msg_${crypto.randomUUID()}`, new Date()];
    const headers = {
      'content-type': 'application/json',
      'svix-id': id,
      'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
      'svix-signature': new Webhook(SECRET).sign(id, at, body),
    };
    const suppressed = SUPPRESSING[type]?.(data as { bounce?: { type: string } }) ? 1 : 0;

    expect(await reply(200, call('POST /webhooks/resend', { body, headers }))).toEqual({ suppressed, lifted: 0 });
    expect(await suppressionsOf(address)).toHaveLength(suppressed);
  });
});

describe('the bounces of Postmark', () => {
  it.each(eventsOf('postmark'))('$type is read', async ({ type, event }) => {
    const address = `${crypto.randomUUID()}@example.com`;
    const json = { ...(event as object), Email: address };
    const suppressed = SUPPRESSING[type]?.({}) ? 1 : 0;

    const response = call('POST /webhooks/postmark', { json, headers: { 'x-webhook-token': TOKEN } });
    expect(await reply(200, response)).toEqual({ suppressed, lifted: 0 });
    expect(await suppressionsOf(address)).toHaveLength(suppressed);
  });
});
