// Sends each mail once. It remembers what was sent, asks the providers in order, and decides what to do when it is not known
// how an earlier attempt ended. The reasons are in docs/decisions/0013-mail-sent-once.md.
import { normaliseAddress } from './address.ts';
import { loadAttachments } from './attachments.ts';
import { askOne, type Sending } from './attempt.ts';
import { type Mail, MailSchema, type SentMail } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { Mailer, MailerParts } from './mailer-parts.ts';
import type { Enclosure, Letter, MailProvider } from './provider.ts';
import { type Recipients, recipientsOf, withoutSuppressed } from './recipients.ts';
import { type Known, lookUp } from './store.ts';
import { UNSUBSCRIBE_PLACEHOLDER, unsubscribeHeaders, unsubscribeNotSetUp } from './unsubscribe.ts';

/** Makes a mailer from its parts; createMailer() makes the parts from the settings. */
export function createSender(parts: MailerParts): Mailer {
  return {
    async send(mail, options) {
      const valid = checked(mail);
      const wanted = recipientsOf(valid);
      const addresses = [...wanted.to, ...wanted.cc, ...wanted.bcc].map(normaliseAddress);
      const { known, suppressed } = await lookUp(
        parts.db,
        options.idempotencyKey,
        addresses,
        valid.transactional !== false,
      );
      if (known?.messageId !== undefined) return sentMail(known.provider, known.messageId, known.suppressed);
      const { recipients, leftOut } = withoutSuppressed(wanted, suppressed);
      if (candidates(parts, known).length === 0) throw unclearFailure(known);
      const ready = valid.transactional === false ? await withLink(parts, valid, addresses[0] ?? '') : valid;
      const loaded = await loadAttachments(parts.attachments, valid.attachments ?? [], parts.now());
      try {
        const letter = letterOf(ready, recipients, loaded.enclosures);
        return await askInTurn(parts, { ...options, known, leftOut, letter });
      } finally {
        loaded.release();
      }
    },
  };
}

/** Asks one provider after the other, for as long as that cannot send the mail twice against the setting `onUnclear`. */
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
        // This provider may have accepted the mail and can be asked again safely later, so no other provider is asked now.
        if (knowsAgain(parts, provider, known)) throw error;
        open = error;
        continue;
      }
      failed = error;
      if (!answer || !mayAskNext(parts, provider, answer) || sending.signal.aborted) throw error;
      if (answer.unclear) known ??= { provider: provider.name, messageId: undefined, attemptedAt: 0, suppressed: [] };
    }
  }
  // Prefer a real failure over "circuit open": only a real failure uses up an attempt of the task.
  throw failed ?? open;
}

/** A provider's answer: the error itself, or the cause of an error that puts the task off, such as a failed probe. */
function answerIn(error: unknown): MailError | undefined {
  if (error instanceof MailError) return error;
  return error instanceof Error && error.cause instanceof MailError ? error.cause : undefined;
}

/** The providers that may be asked, in order. After an unclear attempt, those that recognise the same mail come first. */
function candidates(parts: MailerParts, known: Known | undefined): MailProvider[] {
  const { providers, onUnclear } = parts;
  if (!known) return providers;
  const safe = providers.filter((provider) => knowsAgain(parts, provider, known));
  return onUnclear === 'hold' ? safe : [...new Set([...safe, ...providers])];
}

/** True if this provider was asked before without a clear answer and would still recognise the mail. */
function knowsAgain({ now }: MailerParts, { name, remembersSeconds }: MailProvider, known: Known | undefined): boolean {
  return known?.provider === name && (now() - known.attemptedAt) / 1000 < remembersSeconds;
}

/**
 * After a fault: true if the next provider may be asked. It may, if this provider did not accept the mail. If this provider
 * may have accepted it, the next one is asked only with `onUnclear: resend`, and only if asking this one again later would
 * not be safe.
 */
function mayAskNext({ onUnclear }: MailerParts, { remembersSeconds }: MailProvider, error: MailError): boolean {
  if (error.permanent || !error.fault) return false;
  return !error.unclear || (onUnclear === 'resend' && remembersSeconds === 0);
}

function unclearFailure(known: Known | undefined): MailError {
  const asked = known
    ? `${known.provider} was asked at ${new Date(known.attemptedAt).toISOString()}`
    : 'a provider was asked';
  const message = `The mail may have been sent: ${asked}, and its answer is not known. Look the mail up at the provider, then retry the task if it was not sent.`;
  return new MailError(message, { permanent: true, unclear: true, code: 'unclear' });
}

/** The mail with the link to unsubscribe in its headers, and in its text and HTML where it asks for it. */
async function withLink({ unsubscribeUrl }: MailerParts, mail: Mail, address: string): Promise<Mail> {
  const url = await (unsubscribeUrl ?? unsubscribeNotSetUp)(address);
  return {
    ...mail,
    text: mail.text?.replaceAll(UNSUBSCRIBE_PLACEHOLDER, () => url),
    html: mail.html?.replaceAll(UNSUBSCRIBE_PLACEHOLDER, () => url),
    headers: { ...mail.headers, ...Object.fromEntries(unsubscribeHeaders(url)) },
  };
}

function letterOf(mail: Mail, recipients: Recipients, attachments: Enclosure[]): Letter {
  return {
    ...recipients,
    replyTo: mail.reply_to,
    subject: mail.subject,
    // Some providers refuse an empty part.
    text: mail.text || undefined,
    html: mail.html || undefined,
    headers: Object.entries(mail.headers ?? {}),
    tags: mail.tags ?? [],
    attachments,
  };
}

function sentMail(provider: string, messageId: string, leftOut: string[]): SentMail {
  return { provider, message_id: messageId, ...(leftOut.length > 0 && { suppressed: leftOut }) };
}

function checked(mail: Mail): Mail {
  const { success, data, error } = MailSchema().safeParse(mail);
  if (success) return data;
  const faults = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new MailError(`The mail is not valid. ${faults.join('; ')}`, { permanent: true, cause: error });
}
