import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, MailError } from '../../src/mail/index.ts';
import { refusal } from '../chaos/resend-rules.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakeResend, RESEND_URL } from './fakes/resend.ts';

const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const settings = { MAIL_PROVIDER: 'resend' as const, MAIL_FROM: 'errand@example.com', RESEND_API_KEY: 're_good' };

const send = (idempotencyKey: string = crypto.randomUUID(), baseUrl = RESEND_URL) =>
  createMailer(env.DB, { ...settings, RESEND_BASE_URL: baseUrl }, Date.now).send(mail, {
    idempotencyKey,
    signal: AbortSignal.timeout(5000),
  });

afterEach(() => vi.restoreAllMocks());

describe('the contract of all providers', () => keepsTheContract('resend'));

describe('resend', () => {
  it('is sent the idempotency key of the task', async () => {
    const fake = fakeResend();
    const idempotencyKey = crypto.randomUUID();

    await send(idempotencyKey);

    expect(fake.requests[0]?.headers.get('idempotency-key')).toBe(idempotencyKey);
  });

  it('accepts a mail once although the connection broke after it was accepted and it is sent again', async () => {
    const fake = fakeResend();
    const idempotencyKey = crypto.randomUUID();
    fake.next('reset after accepting');

    await expect(send(idempotencyKey)).rejects.toMatchObject({ permanent: false });
    const sent = await send(idempotencyKey);

    expect(fake.requests).toHaveLength(2);
    expect(fake.accepted).toHaveLength(1);
    expect(sent.message_id).not.toBe('');
  });

  it('may be tried again while the first request still runs, but not when the idempotency key has another payload', async () => {
    const fake = fakeResend();
    fake.next(
      refusal(409, 'concurrent_idempotent_requests', 'The first request is in progress.'),
      refusal(409, 'invalid_idempotent_request', 'The key was used with a different payload.'),
    );

    await expect(send()).rejects.toMatchObject({ permanent: false });
    await expect(send()).rejects.toMatchObject({ permanent: true });
  });

  it('gives the reason of a refusal in its own words, cut to 300 characters', async () => {
    const fake = fakeResend();
    fake.next(refusal(422, 'validation_error', 'x'.repeat(10_000)));

    const error = await send().catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(MailError);
    expect((error as MailError).message).toContain('validation_error');
    expect((error as MailError).message.length).toBeLessThan(400);
  });

  it.each([RESEND_URL, `${RESEND_URL}/`])('is asked under the base URL %s', async (baseUrl) => {
    const fake = fakeResend();

    await send(crypto.randomUUID(), baseUrl);

    expect(fake.requests[0]?.url).toBe(`${RESEND_URL}/emails`);
  });

  it('is asked through a proxy under a path', async () => {
    const fake = fakeResend();

    await send(crypto.randomUUID(), `${RESEND_URL}/proxy/v1`).catch(() => {});

    expect(fake.requests[0]?.url).toBe(`${RESEND_URL}/proxy/v1/emails`);
  });
});
