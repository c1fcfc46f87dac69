import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createMailer, getMailboxMail, listMailbox } from '../../src/mail/index.ts';
import { createMailbox } from '../../src/mail/mailbox.ts';
import type { Letter } from '../../src/mail/provider.ts';

const settings = { MAIL_PROVIDER: 'mailbox' as const, MAIL_FROM: 'errand@example.com', RESEND_BASE_URL: '' };
const FROM = { address: 'errand@example.com', name: undefined };
const { signal } = new AbortController();
const options = { signal, now: Date.now };
const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };

const aLetter = (parts: Partial<Letter> = {}): Letter => ({
  to: [mail.to],
  cc: [],
  bcc: [],
  replyTo: undefined,
  subject: mail.subject,
  text: mail.text,
  html: undefined,
  headers: [],
  tags: [],
  attachments: [],
  ...parts,
});

describe('the mailbox', () => {
  it('keeps the whole mail and returns its id', async () => {
    const sent = await createMailer(env.DB, settings, () => 1_700_000_000_000).send(mail, {
      idempotencyKey: crypto.randomUUID(),
      signal,
    });

    const kept = await getMailboxMail(env.DB, sent.message_id);

    expect(sent.provider).toBe('mailbox');
    expect(kept?.receivedAt).toBe(1_700_000_000_000);
    expect(JSON.parse(kept?.mail ?? '')).toEqual({ from: 'errand@example.com', ...mail });
  });

  it('keeps one mail for each idempotency key, as a provider should', async () => {
    const mailbox = createMailbox(env.DB, FROM, Date.now);
    const letter = aLetter();
    const idempotencyKey = crypto.randomUUID();
    const before = (await listMailbox(env.DB, 100, undefined)).length;

    const ids = await Promise.all([1, 2, 3].map(() => mailbox.send(letter, { idempotencyKey, ...options })));

    expect(new Set(ids).size).toBe(1);
    expect(await listMailbox(env.DB, 100, undefined)).toHaveLength(before + 1);
  });

  it('keeps the name, the type and the size of an attachment, not its bytes', async () => {
    const mailbox = createMailbox(env.DB, FROM, Date.now);
    const bytes = new TextEncoder().encode('%PDF-1.7 secret');
    const attachments = [{ filename: 'a.pdf', contentType: 'application/pdf', contentId: undefined, bytes }];

    const id = await mailbox.send(aLetter({ attachments }), { idempotencyKey: crypto.randomUUID(), ...options });
    const kept = (await getMailboxMail(env.DB, id))?.mail ?? '';

    expect(JSON.parse(kept)).toMatchObject({
      attachments: [{ filename: 'a.pdf', content_type: 'application/pdf', bytes: bytes.byteLength }],
    });
    expect(kept).not.toContain('secret');
  });

  it('fails for good with a mail that does not fit into a row', async () => {
    const mailbox = createMailbox(env.DB, FROM, Date.now);
    const text = '水'.repeat(500_000);
    const sending = mailbox.send(aLetter({ text, html: text }), { idempotencyKey: crypto.randomUUID(), ...options });

    await expect(sending).rejects.toMatchObject({ permanent: true });
  });
});
