// The mailbox: the mail provider for development. It keeps each mail in D1 instead of sending it; GET /mailbox shows them.
// Of an attachment it keeps the filename, the media type and the size, never the bytes.
import { v7 as uuidv7 } from 'uuid';
import { MailError } from './mail-error.ts';
import type { Letter, MailProvider } from './provider.ts';
import { formatSender, type Sender } from './sender.ts';
import { keepInMailbox } from './store.ts';

/** What the mailbox keeps of a mail. An empty list is absent. */
export interface KeptMail {
  from: string;
  /** A list when there are several recipients. */
  to: string | string[];
  cc?: string[];
  bcc?: string[];
  reply_to?: string;
  subject: string;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
  tags?: { name: string; value: string }[];
  attachments?: { filename: string; content_type: string; content_id?: string; bytes: number }[];
}

/** A row of D1 holds at most 2 MB. */
const MAX_KEPT_BYTES = 1_900_000;

/** A provider that keeps mails in D1. `now`: epoch milliseconds. A mail larger than MAX_KEPT_BYTES fails for good. */
export function createMailbox(db: D1Database, from: Sender, now: () => number): MailProvider {
  return {
    name: 'mailbox',
    remembersSeconds: Number.POSITIVE_INFINITY,
    async send(letter, { idempotencyKey }) {
      const mail = JSON.stringify(keptOf(from, letter));
      if (new TextEncoder().encode(mail).byteLength > MAX_KEPT_BYTES) {
        const message = `The mailbox keeps mails of at most ${MAX_KEPT_BYTES} bytes; this one is larger.`;
        throw new MailError(message, { permanent: true });
      }
      return keepInMailbox(db, { id: uuidv7(), idempotencyKey, mail, receivedAt: now() });
    },
  };
}

function keptOf(from: Sender, letter: Letter): KeptMail {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  const [first = ''] = to;
  return {
    from: formatSender(from),
    to: to.length === 1 ? first : to,
    ...(cc.length > 0 && { cc }),
    ...(bcc.length > 0 && { bcc }),
    ...(replyTo !== undefined && { reply_to: replyTo }),
    subject,
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(tags.length > 0 && { tags }),
    ...(attachments.length > 0 && {
      attachments: attachments.map(({ filename, contentType, contentId, bytes }) => ({
        filename,
        content_type: contentType,
        ...(contentId !== undefined && { content_id: contentId }),
        bytes: bytes.byteLength,
      })),
    }),
  };
}
