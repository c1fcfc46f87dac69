import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, type MailSettings } from '../../src/mail/index.ts';
import { type Contract, PROVIDERS } from './contract.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakeSes, sesError } from './fakes/ses.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const { settings } = PROVIDERS.ses as Contract;
const send = (how: MailSettings = settings, what = mail) =>
  createMailer(env.DB, how, Date.now).send(what, {
    idempotencyKey: crypto.randomUUID(),
    signal: new AbortController().signal,
  });

afterEach(() => vi.restoreAllMocks());

describe('the contract of all providers', () => keepsTheContract('ses'));

describe('ses', () => {
  it.each(['ThrottlingException', 'TooManyRequestsException', 'LimitExceededException', 'RequestExpired'])(
    'may be tried again after a 400 with %s',
    async (type) => {
      fakeSes().next(sesError(400, type, 'Slow down.'));

      await expect(send()).rejects.toMatchObject({ permanent: false, unclear: false, fault: false });
    },
  );

  it.each(['MessageRejected', 'SendingPausedException', 'MailFromDomainNotVerifiedException'])(
    'fails for good after a 400 with %s',
    async (type) => {
      fakeSes().next(sesError(400, type, 'No.'));

      await expect(send()).rejects.toMatchObject({ permanent: true });
    },
  );

  it('is sent a sender beyond ASCII as an encoded word', async () => {
    const fake = fakeSes();

    await send({ ...settings, MAIL_FROM: 'Käserei <cheese@example.com>' });

    expect(fake.accepted[0]?.from).toBe('=?UTF-8?B?S8Okc2VyZWk=?= <cheese@example.com>');
  });

  it('is sent a long sender beyond ASCII as several encoded words', async () => {
    const fake = fakeSes();
    const name = 'Käserei, Müller & Söhne 🧀 Größte Auswahl weit und breit';

    await send({ ...settings, MAIL_FROM: `${name} <cheese@example.com>` });

    const words = fake.accepted[0]?.from.split(' ').slice(0, -1) ?? [];
    const bytes = words.map((word) => Buffer.from(word.replace(/^=\?UTF-8\?B\?|\?=$/g, ''), 'base64'));
    expect(words.length).toBeGreaterThan(1);
    expect(words.every((word) => word.length <= 75)).toBe(true);
    expect(bytes.map((part) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(part)).join('')).toBe(
      name,
    );
  });

  it('is asked in its region, with the session token of temporary credentials', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ MessageId: 'm-1' }));
    const { SES_BASE_URL: _, ...regional } = settings;

    await send({ ...regional, SES_SESSION_TOKEN: 'temporary' });

    const request = asked.mock.calls[0]?.[0] as Request;
    expect(request.url).toBe('https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails');
    expect(request.headers.get('x-amz-security-token')).toBe('temporary');
    expect(request.headers.get('authorization')).toContain('x-amz-security-token');
  });
});
