// The mailer as tasks see it, and the parts that it is made of. Types only.
import type { AttachmentSource } from './attachments.ts';
import type { Circuits } from './circuits.ts';
import type { Mail, SentMail } from './mail.ts';
import type { MailProvider } from './provider.ts';
import type { MakeUnsubscribeUrl } from './unsubscribe.ts';

export interface MailOptions {
  /** The same for every attempt to send this mail. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** What tasks use to send mail. */
export interface Mailer {
  /**
   * Sends the mail. If a mail was sent under this idempotency key before, it returns that result and sends nothing.
   * Weakness: when an attempt got no answer, only the provider knows whether it accepted the mail. `onUnclear` decides
   * whether such a mail is sent again or left to an operator.
   * @throws MailError, and the error of an open circuit
   */
  send(mail: Mail, options: MailOptions): Promise<SentMail>;
}

export interface MailerParts {
  db: D1Database;
  /** In the order in which they are asked. */
  providers: MailProvider[];
  /** What to do with a mail that may have been sent: send it again, or leave it to an operator. */
  onUnclear: 'resend' | 'hold';
  circuits: Circuits;
  attachments: AttachmentSource | undefined;
  /** undefined: a setting is missing. */
  unsubscribeUrl: MakeUnsubscribeUrl | undefined;
  now: () => number;
}
