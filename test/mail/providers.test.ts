// The contract of every provider. A new one joins with a line in PROVIDERS and a fake that refuses what it refuses.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, MailError, type MailSettings } from '../../src/mail/index.ts';
import { refusal } from '../chaos/resend-rules.ts';
import { type FakeProvider, fakeResend, RESEND_URL, type Turn } from './fake-resend.ts';

interface Contract {
  settings: MailSettings;
  /** The same with a key that the provider does not know. */
  badKey: MailSettings;
  fake(): FakeProvider;
  /** How it says each of these. */
  says: Record<'invalid' | 'limited' | 'down' | 'otherPayload', Turn>;
}

const MAIL_FROM = 'Errand <errand@example.com>';
const resend: MailSettings = {
  MAIL_PROVIDER: 'resend',
  MAIL_FROM,
  RESEND_API_KEY: 're_good',
  RESEND_BASE_URL: RESEND_URL,
};

const PROVIDERS: Record<string, Contract> = {
  resend: {
    settings: resend,
    badKey: { ...resend, RESEND_API_KEY: 're_bad' },
    fake: fakeResend,
    says: {
      invalid: refusal(422, 'validation_error', 'Invalid `to` field.'),
      limited: refusal(429, 'rate_limit_exceeded', 'Too many requests.', { 'retry-after': '7' }),
      down: refusal(500, 'internal_server_error', 'An unexpected error occurred.'),
      otherPayload: refusal(409, 'invalid_idempotent_request', 'The key was used with a different payload.'),
    },
  },
};

const mail: Mail = { to: 'ada@example.com', subject: 'Käse', text: 'Hello', html: '<p>Hello</p>' };
const now = () => Date.now();

describe.each(Object.entries(PROVIDERS))('%s', (name, { settings, badKey, fake: startFake, says }) => {
  let fake: FakeProvider;
  beforeEach(() => {
    fake = startFake();
  });
  afterEach(() => vi.restoreAllMocks());

  const send = (
    { idempotencyKey = crypto.randomUUID(), signal = new AbortController().signal } = {},
    what: Mail = mail,
    how = settings,
  ) => createMailer(env.DB, how, now).send(what, { idempotencyKey, signal });

  /** The error of a send that must fail. */
  const failure = async (sending: Promise<unknown>): Promise<MailError> => {
    const error = await sending.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(MailError);
    return error as MailError;
  };

  it('sends a mail and tells its id and who took it', async () => {
    const sent = await send();

    expect(sent).toEqual({ provider: name, message_id: expect.stringMatching(/.{8,}/) });
    expect(fake.accepted).toHaveLength(1);
    expect(fake.accepted[0]?.recipients).toEqual([mail.to]);
  });

  it('sends the sender, the subject, both parts and where to reply', async () => {
    await send({}, { ...mail, reply_to: 'desk@example.com' });

    const payload = JSON.stringify(fake.accepted[0]?.payload);
    for (const part of [MAIL_FROM, mail.subject, mail.text, '<p>Hello</p>', 'desk@example.com']) {
      expect(payload).toContain(part);
    }
  });

  it.each(['text', 'html'] as const)('sends a mail that has only %s', async (part) => {
    await send({}, { to: mail.to, subject: mail.subject, [part]: 'Hello' });

    expect(fake.accepted).toHaveLength(1);
  });

  it('gives up at once when its key is refused', async () => {
    const error = await failure(send({}, mail, badKey));

    expect(error.permanent).toBe(true);
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('re_bad');
  });

  it('gives up at once when the mail is refused, and says why', async () => {
    fake.next(says.invalid);
    const error = await failure(send());

    expect(error.permanent).toBe(true);
    expect(error.message).toContain('422');
    expect(error.message).toContain('Invalid `to` field.');
  });

  it('comes again when the provider says when', async () => {
    fake.next(says.limited);
    const error = await failure(send());

    expect(error).toMatchObject({ permanent: false, retryAfterSeconds: 7 });
  });

  it('comes again when the provider is down', async () => {
    fake.next(says.down);
    const error = await failure(send());

    expect(error).toMatchObject({ permanent: false, retryAfterSeconds: undefined });
  });

  it.each([400, 401, 403, 404, 405, 410, 413, 422, 451])('gives up on %i', async (status) => {
    fake.next(refusal(status, 'some_error', 'No.'));

    expect((await failure(send())).permanent).toBe(true);
  });

  it.each([408, 425, 429, 500, 502, 503, 504, 520, 529])('comes again on %i', async (status) => {
    fake.next(refusal(status, 'some_error', 'Later.'));

    expect((await failure(send())).permanent).toBe(false);
  });

  it('comes again when the connection breaks, and keeps the cause', async () => {
    fake.next('reset');
    const error = await failure(send());

    expect(error.permanent).toBe(false);
    expect(error.cause).toBeInstanceOf(TypeError);
  });

  it('comes again when the answer is not understood', async () => {
    fake.next('no id');

    expect((await failure(send())).permanent).toBe(false);
  });

  it('stops waiting when its task is aborted', async () => {
    fake.next('hang');
    const controller = new AbortController();
    const sending = failure(send({ signal: controller.signal }));
    await vi.waitFor(() => expect(fake.requests).toHaveLength(1));

    controller.abort(new Error('timed out'));

    expect((await sending).permanent).toBe(false);
  });

  it('gives up when the key was used with another payload', async () => {
    fake.next(says.otherPayload);

    expect((await failure(send())).permanent).toBe(true);
  });

  it.each([
    ['to', { to: 'a@example.com\r\nBcc: b@example.com' }],
    ['to', { to: 'a@example.com, b@example.com' }],
    ['subject', { subject: 'Hi\r\nBcc: b@example.com' }],
    ['subject', { subject: 'Hi\nX-Header: 1' }],
    ['subject', { subject: 'Hi\0' }],
    ['reply_to', { reply_to: 'a@example.com\nBcc: b@example.com' }],
  ])('never lets %s write a header of its own: %j', async (_, part) => {
    const error = await failure(send({}, { ...mail, ...part }));

    expect(error.permanent).toBe(true);
    expect(fake.requests).toHaveLength(0);
  });

  describe('sends once', () => {
    it('when it is asked twice under the same key', async () => {
      const idempotencyKey = crypto.randomUUID();

      const [first, second] = [await send({ idempotencyKey }), await send({ idempotencyKey })];

      expect(second).toEqual(first);
      expect(fake.requests).toHaveLength(1);
    });

    it('when the provider has long forgotten the key', async () => {
      const idempotencyKey = crypto.randomUUID();
      const first = await send({ idempotencyKey });
      fake.forget();

      expect(await send({ idempotencyKey })).toEqual(first);
      expect(fake.accepted).toHaveLength(1);
    });

    it('when another provider has taken over since', async () => {
      const idempotencyKey = crypto.randomUUID();
      const first = await send({ idempotencyKey });

      const again = await send({ idempotencyKey }, mail, { ...settings, MAIL_PROVIDER: 'mailbox' });

      expect(again).toEqual(first);
    });

    it('twice under two keys, though the mail is the same', async () => {
      await send();
      await send();

      expect(fake.accepted).toHaveLength(2);
    });
  });
});
