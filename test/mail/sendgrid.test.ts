import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, type MailSettings } from '../../src/mail/index.ts';
import { type Contract, PROVIDERS } from './contract.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakeSendGrid } from './fakes/sendgrid.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const { settings } = PROVIDERS.sendgrid as Contract;
const send = (how: MailSettings = settings, what = mail) =>
  createMailer(env.DB, how, Date.now).send(what, {
    idempotencyKey: crypto.randomUUID(),
    signal: new AbortController().signal,
  });

afterEach(() => vi.restoreAllMocks());

describe('the contract of all providers', () => keepsTheContract('sendgrid'));

describe('sendgrid', () => {
  it('is sent no empty part, which it would refuse', async () => {
    const fake = fakeSendGrid();

    await send(settings, { ...mail, text: '', html: '<p>Hi</p>' });

    expect(fake.accepted).toMatchObject([{ text: undefined, html: '<p>Hi</p>' }]);
  });

  it('is sent the tags inside the personalization, because custom_args of the whole mail must be a string', async () => {
    const fake = fakeSendGrid();

    await send(settings, { ...mail, tags: [{ name: 'kind', value: 'invoice' }] });

    const body = await fake.requests[0]?.json();
    expect(body).toMatchObject({ personalizations: [{ custom_args: { kind: 'invoice' } }] });
    expect(body).not.toHaveProperty('custom_args');
  });
});
