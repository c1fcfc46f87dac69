// Mail over HTTP APIs. createMailer() picks the provider and adds the memory that no re-run of a task sends again.
import { type Mail, MailError, type MailProvider, MailSchema, type SentMail } from './mail.ts';
import { createMailbox } from './mailbox.ts';
import { createResend } from './resend.ts';
import { findSent, recordSent } from './store.ts';

export { type Mail, MailError, type MailProvider, MailSchema, type SentMail } from './mail.ts';
export { getMailboxMail, listMailbox, type MailboxRow } from './store.ts';

export interface MailOptions {
  /** Stable over every attempt to send this mail. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** What tasks send mail with. */
export interface Mailer {
  /**
   * Sends, unless a mail was sent under the key before; then answers as that time. Weakness: a crash after the provider
   * took the mail and before that is recorded leaves the provider's own idempotency as the only guard. Throws MailError.
   */
  send(mail: Mail, options: MailOptions): Promise<SentMail>;
}

export interface MailSettings {
  MAIL_PROVIDER: 'mailbox' | 'resend';
  MAIL_FROM: string;
  RESEND_API_KEY?: string | undefined;
  RESEND_BASE_URL: string;
}

/** One line per provider. */
const PROVIDERS = {
  mailbox: (db, settings, now) => createMailbox(db, settings.MAIL_FROM, now),
  resend: (_db, { RESEND_API_KEY = '', RESEND_BASE_URL, MAIL_FROM }) =>
    createResend({ apiKey: RESEND_API_KEY, baseUrl: RESEND_BASE_URL, from: MAIL_FROM }),
} satisfies Record<string, (db: D1Database, settings: MailSettings, now: () => number) => MailProvider>;

export function createMailer(db: D1Database, settings: MailSettings, now: () => number): Mailer {
  return withMemory(db, PROVIDERS[settings.MAIL_PROVIDER](db, settings, now), now);
}

/** The provider, asked once per key. */
export function withMemory(db: D1Database, provider: MailProvider, now: () => number): Mailer {
  return {
    async send(mail, { idempotencyKey, signal }) {
      const before = await findSent(db, idempotencyKey);
      if (before) return { provider: before.provider, message_id: before.messageId };
      const messageId = await provider.send(checked(mail), { idempotencyKey, signal });
      await recordSent(db, { idempotencyKey, provider: provider.name, messageId, sentAt: now() });
      return { provider: provider.name, message_id: messageId };
    },
  };
}

function checked(mail: Mail): Mail {
  const { success, data, error } = MailSchema.safeParse(mail);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new MailError(`the mail is not valid. ${faults.join('; ')}`, { permanent: true, cause: error });
}
