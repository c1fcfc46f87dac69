import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createMailer, type MailSettings } from '../../src/mail/index.ts';

const create = (settings: Partial<MailSettings>) =>
  createMailer(env.DB, { MAIL_PROVIDER: 'mailbox', MAIL_FROM: 'a@example.com', ...settings }, Date.now);

describe('createMailer', () => {
  it.each<[Partial<MailSettings>, string]>([
    [{ MAIL_PROVIDER: 'resend' }, 'RESEND_API_KEY is not set'],
    [
      { MAIL_PROVIDER: 'mailgun', MAILGUN_API_KEY: 'k', MAILGUN_BASE_URL: 'https://a.test' },
      'MAILGUN_DOMAIN is not set',
    ],
    [{ MAIL_FALLBACK: ['postmark'] }, 'POSTMARK_TOKEN is not set'],
    [{ MAIL_PROVIDER: 'cloudflare' }, 'The binding EMAIL is not configured'],
  ])('names the missing setting for %j', (settings, message) => {
    expect(() => create(settings)).toThrow(message);
  });

  it('needs no setting for the mailbox', async () => {
    const options = { idempotencyKey: crypto.randomUUID(), signal: new AbortController().signal };

    const sent = await create({}).send({ to: 'b@example.com', subject: 'Hi', text: 'Hello' }, options);

    expect(sent.provider).toBe('mailbox');
  });
});
