// Sends a mail once: remembers what was sent, asks providers in order, and decides what to do when nobody knows how an
// earlier attempt ended. docs/decisions/0013-mail-sent-once.md has the reasons.
import { type AttachmentSource, loadAttachments } from './attachments.ts';
import { askOne, type Sending } from './attempt.ts';
import type { Circuits } from './circuits.ts';
import { type Mail, MailSchema, type SentMail } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { Enclosure, Letter, MailProvider } from './provider.ts';
import { normalise, type Recipients, recipientsOf, withoutSuppressed } from './recipients.ts';
import { type Known, lookUp } from './store.ts';

export interface MailOptions {
  /** Stable over every attempt to send this mail. */
  idempotencyKey: string;
  signal: AbortSignal;
}

/** What tasks send mail with. */
export interface Mailer {
  /**
   * Sends, unless a mail was sent under the key before; then answers as that time. Throws MailError, and what an open
   * circuit throws. Weakness: what became of an attempt without an answer is known to the provider only; `onUnclear` says
   * whether such a mail is sent again or left to a human.
   */
  send(mail: Mail, options: MailOptions): Promise<SentMail>;
}

export interface MailerParts {
  db: D1Database;
  /** In the order in which they are asked. */
  providers: MailProvider[];
  /** What to do with a mail that may have been sent: send it again, or hold it for a human. */
  onUnclear: 'resend' | 'hold';
  circuits: Circuits;
  attachments: AttachmentSource | undefined;
  now: () => number;
}

export function createSender(parts: MailerParts): Mailer {
  return {
    async send(mail, options) {
      const valid = checked(mail);
      const everybody = recipientsOf(valid);
      const addresses = [...everybody.to, ...everybody.cc, ...everybody.bcc].map(normalise);
      const { known, suppressed } = await lookUp(parts.db, options.idempotencyKey, addresses);
      if (known?.messageId !== undefined) return sentMail(known.provider, known.messageId, known.suppressed);
      const { recipients, leftOut } = withoutSuppressed(everybody, suppressed);
      if (candidates(parts, known).length === 0) throw unclearFailure(known);
      const loaded = await loadAttachments(parts.attachments, valid.attachments ?? [], parts.now());
      try {
        const letter = letterOf(valid, recipients, loaded.enclosures);
        return await askInTurn(parts, { ...options, known, leftOut, letter });
      } finally {
        loaded.release();
      }
    },
  };
}

/** Asks one provider after the other, as far as that is safe. */
async function askInTurn(parts: MailerParts, sending: Sending): Promise<SentMail> {
  const { circuits } = parts;
  let { known } = sending;
  let failed: unknown;
  let open: unknown;
  for (const provider of candidates(parts, known)) {
    try {
      const messageId = await circuits.call(
        `mail:${provider.name}`,
        () => askOne(parts, provider, { ...sending, known }),
        (error) => error instanceof MailError && !error.permanent && error.fault,
      );
      return sentMail(provider.name, messageId, sending.leftOut);
    } catch (error) {
      const answer = answerIn(error);
      if (!answer && circuits.isOpen(error)) {
        // It may have the mail, and can be asked safely once it is back: nobody else is asked meanwhile.
        if (knowsAgain(parts, provider, known)) throw error;
        open = error;
        continue;
      }
      failed = error;
      if (!answer || !mayAskNext(parts, provider, answer) || sending.signal.aborted) throw error;
      if (answer.unclear) known ??= { provider: provider.name, messageId: undefined, attemptedAt: 0, suppressed: [] };
    }
  }
  // An open circuit costs a task no attempt; somebody who was asked does.
  throw failed ?? open;
}

/** What a provider that was asked said: the error itself, or the cause of one that puts the task off (a probe that failed). */
function answerIn(error: unknown): MailError | undefined {
  if (error instanceof MailError) return error;
  return error instanceof Error && error.cause instanceof MailError ? error.cause : undefined;
}

/** Who may be asked, in order. After an unclear attempt first whoever can tell that it is the same mail. */
function candidates(parts: MailerParts, known: Known | undefined): MailProvider[] {
  const { providers, onUnclear } = parts;
  if (!known) return providers;
  const safe = providers.filter((provider) => knowsAgain(parts, provider, known));
  return onUnclear === 'hold' ? safe : [...new Set([...safe, ...providers])];
}

/** Was it asked before without a clear answer, and would it recognise the mail still? */
function knowsAgain({ now }: MailerParts, { name, remembersSeconds }: MailProvider, known: Known | undefined): boolean {
  return known?.provider === name && (now() - known.attemptedAt) / 1000 < remembersSeconds;
}

/**
 * After a fault: the next one is asked if this one surely did not take the mail. If it may have, only when that risk is
 * accepted, and then not if asking the same one later carries no risk.
 */
function mayAskNext({ onUnclear }: MailerParts, { remembersSeconds }: MailProvider, error: MailError): boolean {
  if (error.permanent || !error.fault) return false;
  return !error.unclear || (onUnclear === 'resend' && remembersSeconds === 0);
}

function unclearFailure(known: Known | undefined): MailError {
  const at = known ? `${known.provider} was asked at ${new Date(known.attemptedAt).toISOString()}` : 'nobody was asked';
  return new MailError(`the mail may have been sent: ${at}, and no answer is known`, {
    permanent: true,
    unclear: true,
    code: 'unclear',
  });
}

function letterOf(mail: Mail, recipients: Recipients, attachments: Enclosure[]): Letter {
  return {
    ...recipients,
    replyTo: mail.reply_to,
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: Object.entries(mail.headers ?? {}),
    tags: mail.tags ?? [],
    attachments,
  };
}

function sentMail(provider: string, messageId: string, leftOut: string[]): SentMail {
  return { provider, message_id: messageId, ...(leftOut.length > 0 && { suppressed: leftOut }) };
}

function checked(mail: Mail): Mail {
  const { success, data, error } = MailSchema.safeParse(mail);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new MailError(`the mail is not valid. ${faults.join('; ')}`, { permanent: true, cause: error });
}
