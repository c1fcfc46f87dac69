// Sends a mail once: remembers what was sent, records an attempt before a provider is asked, and decides what to do when
// nobody knows how an earlier attempt ended. docs/decisions/0020-mail-sent-once.md has the reasons.
import { type AttachmentSource, loadAttachments } from './attachments.ts';
import type { Circuits } from './circuits.ts';
import { type Mail, MailSchema, type SentMail } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { Enclosure, Letter, MailProvider } from './provider.ts';
import { normalise, type Recipients, recipientsOf, withoutSuppressed } from './recipients.ts';
import { clearAttempt, type Known, lookUp, recordAttempt, recordSent } from './store.ts';

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

/** One provider may think so long; two fit into the 30 seconds of a mail task. */
const ASK_SECONDS = 12;

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

interface Sending extends MailOptions {
  /** The open attempt of an earlier run. */
  known: Known | undefined;
  leftOut: string[];
  letter: Letter;
}

/** Asks one provider after the other, as far as that is safe. */
async function askInTurn(parts: MailerParts, sending: Sending): Promise<SentMail> {
  const { circuits } = parts;
  let { known } = sending;
  let last: unknown;
  for (const provider of candidates(parts, known)) {
    try {
      const messageId = await circuits.call(
        `mail:${provider.name}`,
        () => askOne(parts, provider, { ...sending, known }),
        (error) => error instanceof MailError && !error.permanent && error.fault,
      );
      return sentMail(provider.name, messageId, sending.leftOut);
    } catch (error) {
      last = error;
      if (circuits.isOpen(error)) continue;
      if (!(error instanceof MailError) || !mayAskNext(parts, provider, error) || sending.signal.aborted) throw error;
      if (error.unclear) known ??= { provider: provider.name, messageId: undefined, attemptedAt: 0, suppressed: [] };
    }
  }
  throw last;
}

/** Who may be asked, in order. After an unclear attempt first whoever can tell that it is the same mail. */
function candidates({ providers, onUnclear, now }: MailerParts, known: Known | undefined): MailProvider[] {
  if (!known) return providers;
  const ageSeconds = (now() - known.attemptedAt) / 1000;
  const safe = providers.filter(
    ({ name, remembersSeconds }) => name === known.provider && ageSeconds < remembersSeconds,
  );
  return onUnclear === 'hold' ? safe : [...new Set([...safe, ...providers])];
}

/**
 * After a fault: the next one is asked if this one surely did not take the mail. If it may have, only when that risk is
 * accepted, and then not if asking the same one later carries no risk.
 */
function mayAskNext({ onUnclear }: MailerParts, { remembersSeconds }: MailProvider, error: MailError): boolean {
  if (error.permanent || !error.fault) return false;
  return !error.unclear || (onUnclear === 'resend' && remembersSeconds === 0);
}

/** Records the attempt, asks, records the result. The provider's id of the mail. */
async function askOne(parts: MailerParts, provider: MailProvider, sending: Sending): Promise<string> {
  const { db, now, onUnclear } = parts;
  const { idempotencyKey, known, signal } = sending;
  // Nothing is recorded yet: whoever gives up here leaves no doubt behind.
  if (signal.aborted)
    throw new MailError('given up before the mail was sent', { permanent: false, cause: signal.reason });
  const attemptedAt = now();
  if (provider.remembersSeconds !== Number.POSITIVE_INFINITY) {
    const over = known?.attemptedAt;
    const mine = await recordAttempt(db, {
      idempotencyKey,
      provider: provider.name,
      attemptedAt,
      over,
      overAny: onUnclear === 'resend',
    });
    if (!mine) throw new MailError('another run is sending this mail', { permanent: false, unclear: true });
  }
  const messageId = await askInTime(provider, sending).catch(async (error: unknown) => {
    // An older attempt stays open: this refusal says nothing of it. If D1 is away, the attempt stays for the setting to decide.
    const refused = error instanceof MailError && !error.unclear && !known;
    if (refused) await clearAttempt(db, idempotencyKey, attemptedAt).catch(() => {});
    throw error;
  });
  const sent = { idempotencyKey, provider: provider.name, messageId, sentAt: now(), suppressed: sending.leftOut };
  // The one write whose loss makes a sent mail doubtful: D1 never repeats writes by itself.
  await recordSent(db, sent).catch(() => recordSent(db, sent));
  return messageId;
}

/** Asks, for ASK_SECONDS at most. What is neither an answer nor a MailError is an unclear one. */
async function askInTime(provider: MailProvider, { letter, idempotencyKey, signal }: Sending): Promise<string> {
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(new Error(`no answer within ${ASK_SECONDS} s`)), ASK_SECONDS * 1000);
  try {
    return await provider.send(letter, { idempotencyKey, signal: AbortSignal.any([signal, tooLong.signal]) });
  } catch (error) {
    if (!(error instanceof MailError)) throw broken(provider, error);
    // Whoever revokes a task is no fault of the provider.
    if (!error.unclear || !signal.aborted) throw error;
    throw new MailError(error.message, { permanent: false, unclear: true, cause: error.cause });
  } finally {
    clearTimeout(timer);
  }
}

function broken(provider: MailProvider, error: unknown): MailError {
  return new MailError(`${provider.name} could not be asked`, { permanent: false, unclear: true, cause: error });
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
