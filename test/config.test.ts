// Which configurations are accepted, and that a refusal names the var and never shows a secret.
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';

const RESEND = { MAIL_PROVIDER: 'resend', RESEND_API_KEY: 're_1' };

describe('the mail settings', () => {
  it('are by default the mailbox, without a fallback, sending again what may have been sent', () => {
    expect(readConfig({})).toMatchObject({ MAIL_PROVIDER: 'mailbox', MAIL_ON_UNCLEAR: 'resend' });
    expect(readConfig({}).MAIL_FALLBACK).toBeUndefined();
  });

  it('list fallbacks in order', () => {
    const config = readConfig({
      ...RESEND,
      MAIL_FALLBACK: 'ses, postmark',
      SES_ACCESS_KEY_ID: 'A',
      SES_SECRET_ACCESS_KEY: 's',
      POSTMARK_TOKEN: 't',
    });

    expect(config.MAIL_FALLBACK).toEqual(['ses', 'postmark']);
  });

  it.each(['https://errand.example', 'https://a.b/tasks', 'http://localhost:8787', 'http://127.0.0.1'])(
    'take the public URL %s',
    (PUBLIC_URL) => expect(readConfig({ PUBLIC_URL })).toMatchObject({ PUBLIC_URL }),
  );

  it.each(['Errand, Inc. <errand@example.com>', '"Errand, Inc." <errand@example.com>', 'Käse <a@bücher.example>'])(
    'take the sender %s',
    (MAIL_FROM) => expect(readConfig({ MAIL_FROM })).toMatchObject({ MAIL_FROM }),
  );

  it('accept the binding of Cloudflare', () => {
    expect(readConfig({ MAIL_PROVIDER: 'cloudflare', EMAIL: {} }).MAIL_PROVIDER).toBe('cloudflare');
  });

  it.each([
    [{ MAIL_PROVIDER: 'pigeon' }, 'MAIL_PROVIDER'],
    [{ MAIL_PROVIDER: 'resend' }, 'RESEND_API_KEY'],
    [{ MAIL_PROVIDER: 'postmark' }, 'POSTMARK_TOKEN'],
    [{ MAIL_PROVIDER: 'sendgrid' }, 'SENDGRID_API_KEY'],
    [{ MAIL_PROVIDER: 'mailgun', MAILGUN_API_KEY: 'k' }, 'MAILGUN_DOMAIN'],
    [{ MAIL_PROVIDER: 'ses', SES_ACCESS_KEY_ID: 'A' }, 'SES_SECRET_ACCESS_KEY'],
    [{ MAIL_PROVIDER: 'cloudflare' }, 'EMAIL'],
    [{ ...RESEND, MAIL_FALLBACK: 'postmark' }, 'POSTMARK_TOKEN'],
    [{ ...RESEND, MAIL_FALLBACK: 'mailbox' }, 'MAIL_FALLBACK'],
    [{ ...RESEND, MAIL_FALLBACK: 'resend' }, 'MAIL_FALLBACK'],
    [{ MAIL_FALLBACK: 'postmark', POSTMARK_TOKEN: 't' }, 'MAIL_FALLBACK'],
    [{ MAIL_ON_UNCLEAR: 'maybe' }, 'MAIL_ON_UNCLEAR'],
    [{ MAIL_FROM: 'Errand' }, 'MAIL_FROM'],
    [{ MAIL_FROM: 'a@example.com\r\nBcc: b@example.com' }, 'MAIL_FROM'],
    ...['errand.example', 'http://errand.example', 'https://errand.example/?a', 'https://a.b/">'].map(
      (PUBLIC_URL): [object, string] => [{ PUBLIC_URL }, 'PUBLIC_URL'],
    ),
    [{ UNSUBSCRIBE_SECRET: 'short' }, 'UNSUBSCRIBE_SECRET'],
    [{ RESEND_WEBHOOK_SECRET: 'whsec_not base64' }, 'RESEND_WEBHOOK_SECRET'],
    [{ POSTMARK_WEBHOOK_TOKEN: 'short' }, 'POSTMARK_WEBHOOK_TOKEN'],
    [{ SES_BASE_URL: 'ses' }, 'SES_BASE_URL'],
  ])('refuse %j', (env, name) => {
    expect(() => readConfig(env)).toThrow(name);
  });

  it('never show a secret in a message', () => {
    const env = { ...RESEND, RESEND_API_KEY: 're_secret', MAIL_PROVIDER: 'postmark', POSTMARK_WEBHOOK_TOKEN: 'tok' };

    expect(() => readConfig(env)).toThrow(/^(?!.*(re_secret|: tok)).*$/);
  });
});
