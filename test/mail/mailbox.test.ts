import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createMailer, getMailboxMail, listMailbox } from '../../src/mail/index.ts';
import { createMailbox } from '../../src/mail/mailbox.ts';

const settings = { MAIL_PROVIDER: 'mailbox' as const, MAIL_FROM: 'errand@example.com', RESEND_BASE_URL: '' };
const { signal } = new AbortController();
const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };

describe('the mailbox', () => {
  it('keeps the whole mail and gives its id', async () => {
    const sent = await createMailer(env.DB, settings, () => 1_700_000_000_000).send(mail, {
      idempotencyKey: crypto.randomUUID(),
      signal,
    });

    const kept = await getMailboxMail(env.DB, sent.message_id);

    expect(sent.provider).toBe('mailbox');
    expect(kept?.receivedAt).toBe(1_700_000_000_000);
    expect(JSON.parse(kept?.mail ?? '')).toEqual({ from: 'errand@example.com', ...mail });
  });

  it('honours an idempotency key by itself, as a provider should', async () => {
    const mailbox = createMailbox(env.DB, 'errand@example.com', Date.now);
    const idempotencyKey = crypto.randomUUID();
    const before = (await listMailbox(env.DB, 100, undefined)).length;

    const ids = await Promise.all([1, 2, 3].map(() => mailbox.send(mail, { idempotencyKey, signal })));

    expect(new Set(ids).size).toBe(1);
    expect(await listMailbox(env.DB, 100, undefined)).toHaveLength(before + 1);
  });
});
