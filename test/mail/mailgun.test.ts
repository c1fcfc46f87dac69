import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, type MailSettings } from '../../src/mail/index.ts';
import { type Contract, PROVIDERS } from './contract.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakeMailgun, mailgunError } from './fakes/mailgun.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const { settings } = PROVIDERS.mailgun as Contract;
const send = (how: MailSettings = settings, what = mail) =>
  createMailer(env.DB, how, Date.now).send(what, {
    idempotencyKey: crypto.randomUUID(),
    signal: new AbortController().signal,
  });

afterEach(() => vi.restoreAllMocks());

describe('the contract of all providers', () => keepsTheContract('mailgun'));

describe('mailgun', () => {
  it('shows why it refused, although a wrong API key is answered in plain text', async () => {
    fakeMailgun().next({ status: 401, body: 'Forbidden' });

    await expect(send()).rejects.toThrow('mailgun answered 401: Forbidden');
  });

  it('may be tried again as late as its message says, if it sends no Retry-After', async () => {
    const message = 'Domain mg.example.com is not allowed to send: limit exceeded, try again after 120 seconds';
    fakeMailgun().next(
      mailgunError(429, message),
      mailgunError(429, message, { 'retry-after': '7' }),
      mailgunError(429, 'try again after 99999999 seconds'),
    );

    await expect(send()).rejects.toMatchObject({ permanent: false, retryAfterSeconds: 120 });
    await expect(send()).rejects.toMatchObject({ permanent: false, retryAfterSeconds: 7 });
    await expect(send()).rejects.toMatchObject({ permanent: false, retryAfterSeconds: 86_400 });
  });

  it('is asked for the domain of the settings', async () => {
    const fake = fakeMailgun();

    await send({ ...settings, MAILGUN_DOMAIN: 'other.example.com' }).catch(() => {});

    expect(new URL(fake.requests[0]?.url ?? '').pathname).toBe('/v3/other.example.com/messages');
  });
});
