// What only one provider does, beside the contract. Resend has a file of its own.
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, type MailSettings } from '../../src/mail/index.ts';
import { parseSender } from '../../src/mail/provider.ts';
import { coded, PROVIDERS } from './contract.ts';
import { fakeCloudflare } from './fakes/cloudflare.ts';
import { fakePostmark, postmarkError } from './fakes/postmark.ts';
import { fakeSendGrid } from './fakes/sendgrid.ts';
import { fakeSes, sesError } from './fakes/ses.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const options = () => ({ idempotencyKey: crypto.randomUUID(), signal: new AbortController().signal });
const settingsOf = (name: string): MailSettings => (PROVIDERS[name] as { settings: MailSettings }).settings;
const send = (settings: MailSettings, what = mail, email?: SendEmail) =>
  createMailer(env.DB, settings, Date.now, { email }).send(what, options());

afterEach(() => vi.restoreAllMocks());

describe('postmark', () => {
  it('gives up on an inactive recipient, as suppressed', async () => {
    fakePostmark().next(postmarkError(422, 406, 'You tried to send to a recipient that has been marked as inactive.'));

    await expect(send(settingsOf('postmark'))).rejects.toMatchObject({ permanent: true, code: 'suppressed' });
  });

  it('is asked again after its maintenance', async () => {
    fakePostmark().next(postmarkError(422, 100, 'Maintenance'));

    await expect(send(settingsOf('postmark'))).rejects.toMatchObject({ permanent: false, unclear: false, fault: true });
  });

  it('is believed when it says in a 200 that it refuses', async () => {
    fakePostmark().next(postmarkError(200, 405, 'Not allowed to send'));

    await expect(send(settingsOf('postmark'))).rejects.toMatchObject({ permanent: true, unclear: false });
  });

  it('sends through the stream of the settings', async () => {
    const fake = fakePostmark();

    const sending = send({ ...settingsOf('postmark'), POSTMARK_MESSAGE_STREAM: 'receipts' });

    await expect(sending).rejects.toThrow('1235 The stream does not exist.');
    expect(await fake.requests[0]?.json()).toMatchObject({ MessageStream: 'receipts' });
  });
});

describe('sendgrid', () => {
  it('gets no empty part, which it would refuse', async () => {
    const fake = fakeSendGrid();

    await send(settingsOf('sendgrid'), { ...mail, text: '', html: '<p>Hi</p>' });

    expect(fake.accepted).toMatchObject([{ text: undefined, html: '<p>Hi</p>' }]);
  });
});

describe('ses', () => {
  it.each(['ThrottlingException', 'TooManyRequestsException', 'LimitExceededException', 'RequestExpired'])(
    'is asked again after a 400 that is a %s',
    async (type) => {
      fakeSes().next(sesError(400, type, 'Slow down.'));

      await expect(send(settingsOf('ses'))).rejects.toMatchObject({ permanent: false, unclear: false, fault: false });
    },
  );

  it.each(['MessageRejected', 'SendingPausedException', 'MailFromDomainNotVerifiedException'])(
    'gives up after a 400 that is a %s',
    async (type) => {
      fakeSes().next(sesError(400, type, 'No.'));

      await expect(send(settingsOf('ses'))).rejects.toMatchObject({ permanent: true });
    },
  );

  it('gets a sender beyond ASCII as an encoded word', async () => {
    const fake = fakeSes();

    await send({ ...settingsOf('ses'), MAIL_FROM: 'Käserei <cheese@example.com>' });

    expect(fake.accepted[0]?.from).toBe('=?UTF-8?B?S8Okc2VyZWk=?= <cheese@example.com>');
  });

  it('is asked in its region, with the session token of temporary keys', async () => {
    const asked = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json({ MessageId: 'm-1' }));
    const { SES_BASE_URL: _, ...settings } = settingsOf('ses');

    await send({ ...settings, SES_SESSION_TOKEN: 'temporary' });

    const request = asked.mock.calls[0]?.[0] as Request;
    expect(request.url).toBe('https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails');
    expect(request.headers.get('x-amz-security-token')).toBe('temporary');
    expect(request.headers.get('authorization')).toContain('x-amz-security-token');
  });
});

describe('cloudflare', () => {
  const failing = async (code: string) => {
    const fake = fakeCloudflare();
    fake.next(coded(code, 'said the service'));
    return send(settingsOf('cloudflare'), mail, fake.binding).then(
      () => undefined,
      (error: unknown) => error,
    );
  };

  it.each([
    ...['E_VALIDATION_ERROR', 'E_FIELD_MISSING', 'E_TOO_MANY_RECIPIENTS', 'E_SENDER_NOT_VERIFIED'],
    ...['E_RECIPIENT_NOT_ALLOWED', 'E_SENDER_DOMAIN_NOT_AVAILABLE', 'E_CONTENT_TOO_LARGE', 'E_HEADER_NOT_ALLOWED'],
  ])('gives up on %s', async (code) => {
    expect(await failing(code)).toMatchObject({ permanent: true, unclear: false, code: undefined });
    expect(String(await failing(code))).toContain(`${code} said the service`);
  });

  it('gives up on a recipient it suppresses, as suppressed', async () => {
    expect(await failing('E_RECIPIENT_SUPPRESSED')).toMatchObject({ permanent: true, code: 'suppressed' });
  });

  it('is asked again an hour after its daily limit', async () => {
    expect(await failing('E_DAILY_LIMIT_EXCEEDED')).toMatchObject({
      ...{ permanent: false, unclear: false, fault: false },
      retryAfterSeconds: 3600,
    });
  });

  it.each([
    ['E_INTERNAL_SERVER_ERROR', true],
    ['E_DELIVERY_FAILED', false],
    ['', true],
  ])('leaves the mail in doubt after "%s"', async (code, fault) => {
    expect(await failing(code)).toMatchObject({ permanent: false, unclear: true, fault });
  });

  it('does not exist without its binding', () => {
    expect(() => createMailer(env.DB, settingsOf('cloudflare'), Date.now)).toThrow('EMAIL');
  });
});

describe('a sender', () => {
  it.each([
    ['Errand <errand@example.com>', 'Errand', 'errand@example.com'],
    ['errand@example.com', undefined, 'errand@example.com'],
    ['<errand@example.com>', undefined, 'errand@example.com'],
    ['"Acme, Inc." <a@example.com>', 'Acme, Inc.', 'a@example.com'],
    ['"The \\"Best\\"" <a@example.com>', 'The "Best"', 'a@example.com'],
  ])('written as %s is read', (from, name, address) => {
    expect(parseSender(from)).toEqual({ name, address });
  });
});
