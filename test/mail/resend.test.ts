// What only Resend does.
import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, MailError } from '../../src/mail/index.ts';
import { refusal } from '../chaos/resend-rules.ts';
import { fakeResend, RESEND_URL } from './fakes/resend.ts';

const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const settings = { MAIL_PROVIDER: 'resend' as const, MAIL_FROM: 'errand@example.com', RESEND_API_KEY: 're_good' };

const send = (idempotencyKey: string = crypto.randomUUID(), baseUrl = RESEND_URL) =>
  createMailer(env.DB, { ...settings, RESEND_BASE_URL: baseUrl }, Date.now).send(mail, {
    idempotencyKey,
    signal: AbortSignal.timeout(5000),
  });

afterEach(() => vi.restoreAllMocks());

describe('resend', () => {
  it('is given the idempotency key of the task', async () => {
    const fake = fakeResend();
    const key = crypto.randomUUID();

    await send(key);

    expect(fake.requests[0]?.headers.get('idempotency-key')).toBe(key);
  });

  it('is asked again with the same key after a connection that broke when the mail was taken, and takes it once', async () => {
    const fake = fakeResend();
    const key = crypto.randomUUID();
    fake.next('reset after accepting');

    await expect(send(key)).rejects.toMatchObject({ permanent: false });
    const sent = await send(key);

    expect(fake.requests).toHaveLength(2);
    expect(fake.accepted).toHaveLength(1);
    expect(sent.message_id).not.toBe('');
  });

  it('is asked again while the first request is still under way, and not when the key has another payload', async () => {
    const fake = fakeResend();
    fake.next(
      refusal(409, 'concurrent_idempotent_requests', 'The first request is in progress.'),
      refusal(409, 'invalid_idempotent_request', 'The key was used with a different payload.'),
    );

    await expect(send()).rejects.toMatchObject({ permanent: false });
    await expect(send()).rejects.toMatchObject({ permanent: true });
  });

  it('says what it refused in its own words, cut short', async () => {
    const fake = fakeResend();
    fake.next(refusal(422, 'validation_error', 'x'.repeat(10_000)));

    const error = await send().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(MailError);
    expect((error as MailError).message).toContain('validation_error');
    expect((error as MailError).message.length).toBeLessThan(400);
  });

  it.each([
    ['7', 7],
    [' 60 ', 60],
    ['0', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('takes Retry-After "%s" as %s', async (header, retryAfterSeconds) => {
    const fake = fakeResend();
    fake.next(refusal(429, 'rate_limit_exceeded', 'Slow down.', { 'retry-after': header }));

    await expect(send()).rejects.toMatchObject({ permanent: false, retryAfterSeconds });
  });

  it.each([RESEND_URL, `${RESEND_URL}/`])('is reached under the base URL %s', async (baseUrl) => {
    const fake = fakeResend();

    await send(crypto.randomUUID(), baseUrl);

    expect(fake.requests[0]?.url).toBe(`${RESEND_URL}/emails`);
  });

  it('is reached through a proxy under a path', async () => {
    const fake = fakeResend();

    await send(crypto.randomUUID(), `${RESEND_URL}/proxy/v1`).catch(() => {});

    expect(fake.requests[0]?.url).toBe(`${RESEND_URL}/proxy/v1/emails`);
  });
});
