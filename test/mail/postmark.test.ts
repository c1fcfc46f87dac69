import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMailer, type Mail, type MailSettings } from '../../src/mail/index.ts';
import { type Contract, PROVIDERS } from './contract.ts';
import { keepsTheContract } from './contract-suite.ts';
import { fakePostmark, postmarkError } from './fakes/postmark.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const { settings } = PROVIDERS.postmark as Contract;
const send = (how: MailSettings = settings, what = mail) =>
  createMailer(env.DB, how, Date.now).send(what, {
    idempotencyKey: crypto.randomUUID(),
    signal: new AbortController().signal,
  });

afterEach(() => vi.restoreAllMocks());

describe('the contract of all providers', () => keepsTheContract('postmark'));

describe('postmark', () => {
  it('fails for good with `suppressed` for an inactive recipient', async () => {
    fakePostmark().next(postmarkError(422, 406, 'You tried to send to a recipient that has been marked as inactive.'));

    await expect(send()).rejects.toMatchObject({ permanent: true, code: 'suppressed' });
  });

  it('may be tried again after its maintenance', async () => {
    fakePostmark().next(postmarkError(422, 100, 'Maintenance'));

    await expect(send()).rejects.toMatchObject({ permanent: false, unclear: false, fault: true });
  });

  it('has refused the mail when a 200 contains an error code', async () => {
    fakePostmark().next(postmarkError(200, 405, 'Not allowed to send'));

    await expect(send()).rejects.toMatchObject({ permanent: true, unclear: false });
  });

  it('sends through the message stream of the settings', async () => {
    const fake = fakePostmark();

    const sending = send({ ...settings, POSTMARK_MESSAGE_STREAM: 'receipts' });

    await expect(sending).rejects.toThrow('1235 The stream does not exist.');
    expect(await fake.requests[0]?.json()).toMatchObject({ MessageStream: 'receipts' });
  });
});
