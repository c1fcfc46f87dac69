import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createMailer, type Mail } from '../../src/mail/index.ts';
import { type Contract, coded, PROVIDERS } from './contract.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakeCloudflare } from './fakes/cloudflare.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const { settings } = PROVIDERS.cloudflare as Contract;

describe('the contract of all providers', () => keepsTheContract('cloudflare'));

describe('cloudflare', () => {
  const failing = async (code: string) => {
    const fake = fakeCloudflare();
    fake.next(coded(code, 'said the service'));
    return createMailer(env.DB, settings, Date.now, { email: fake.binding })
      .send(mail, { idempotencyKey: crypto.randomUUID(), signal: new AbortController().signal })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
  };

  it.each([
    ...['E_VALIDATION_ERROR', 'E_FIELD_MISSING', 'E_TOO_MANY_RECIPIENTS', 'E_SENDER_NOT_VERIFIED'],
    ...['E_RECIPIENT_NOT_ALLOWED', 'E_SENDER_DOMAIN_NOT_AVAILABLE', 'E_CONTENT_TOO_LARGE', 'E_HEADER_NOT_ALLOWED'],
  ])('fails for good after %s', async (code) => {
    expect(await failing(code)).toMatchObject({ permanent: true, unclear: false, code: undefined });
    expect(String(await failing(code))).toContain(`${code} said the service`);
  });

  it('fails for good with `suppressed` for a recipient that it suppresses', async () => {
    expect(await failing('E_RECIPIENT_SUPPRESSED')).toMatchObject({ permanent: true, code: 'suppressed' });
  });

  it('may be tried again an hour after its daily limit', async () => {
    expect(await failing('E_DAILY_LIMIT_EXCEEDED')).toMatchObject({
      ...{ permanent: false, unclear: false, fault: false },
      retryAfterSeconds: 3600,
    });
  });

  it.each([
    ['E_INTERNAL_SERVER_ERROR', true],
    ['E_DELIVERY_FAILED', false],
    ['', true],
  ])('may have sent the mail after "%s"', async (code, fault) => {
    expect(await failing(code)).toMatchObject({ permanent: false, unclear: true, fault });
  });

  it('cannot be chosen without its binding', () => {
    expect(() => createMailer(env.DB, settings, Date.now)).toThrow('EMAIL');
  });
});
