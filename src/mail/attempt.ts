// One attempt to send a mail through one provider: it is recorded before the provider is asked, completed when the provider
// accepts, and deleted when the provider refuses. Only a run that dies in between may leave an open attempt.
import { MailError } from './mail-error.ts';
import type { MailerParts, MailOptions } from './mailer-parts.ts';
import type { Letter, MailProvider } from './provider.ts';
import { clearAttempt, type Known, recordAttempt, recordSent } from './store.ts';

/** How long one provider may take to answer. Two providers fit into the 30 seconds of a mail task. */
const ASK_SECONDS = 12;

/** One mail, with everything that an attempt to send it needs. */
export interface Sending extends MailOptions {
  /** The open attempt of an earlier run; undefined when there is none. */
  known: Known | undefined;
  leftOut: string[];
  letter: Letter;
}

/**
 * Records the attempt, asks the provider, and records its answer.
 * @returns the provider's id of the mail; '' when the provider accepted the mail and gave no id
 * @throws MailError
 */
export async function askOne(parts: MailerParts, provider: MailProvider, sending: Sending): Promise<string> {
  const { db, now, onUnclear } = parts;
  const { idempotencyKey, known, signal } = sending;
  // No attempt is recorded yet, so stopping here leaves no open attempt.
  if (signal.aborted) {
    const message = 'The task was stopped before the mail was sent.';
    throw new MailError(message, { permanent: false, cause: signal.reason });
  }
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
    if (!mine) {
      const message = 'Another run is sending this mail now. This run tries again later.';
      throw new MailError(message, { permanent: false, unclear: true });
    }
  }
  const messageId = await askInTime(parts, provider, sending).catch(async (error: unknown) => {
    // An older attempt stays open, because this refusal does not say how that attempt ended. If D1 does not answer, this
    // attempt stays open too, and the setting MAIL_ON_UNCLEAR decides what the next run does.
    const refused = error instanceof MailError && !error.unclear && !known;
    if (refused) await clearAttempt(db, idempotencyKey, attemptedAt).catch(() => {});
    throw error;
  });
  const sent = { idempotencyKey, provider: provider.name, messageId, sentAt: now(), suppressed: sending.leftOut };
  // D1 does not repeat writes by itself. If this write is lost, the next run cannot know that the mail was sent.
  await recordSent(db, sent).catch(() => recordSent(db, sent));
  return messageId;
}

/** Asks the provider for ASK_SECONDS at most. Any other error than a MailError becomes an unclear MailError. */
async function askInTime(
  { now }: MailerParts,
  provider: MailProvider,
  { letter, idempotencyKey, signal }: Sending,
): Promise<string> {
  const tooLong = new AbortController();
  const reason = new Error(`The provider did not answer within ${ASK_SECONDS} seconds.`);
  const timer = setTimeout(() => tooLong.abort(reason), ASK_SECONDS * 1000);
  try {
    return await provider.send(letter, { idempotencyKey, signal: AbortSignal.any([signal, tooLong.signal]), now });
  } catch (error) {
    if (!(error instanceof MailError)) throw broken(provider, error);
    // The task was stopped from outside: this must not count as a fault of the provider.
    if (!error.unclear || !signal.aborted) throw error;
    throw new MailError(error.message, { permanent: false, unclear: true, cause: error.cause });
  } finally {
    clearTimeout(timer);
  }
}

function broken(provider: MailProvider, error: unknown): MailError {
  const message = `${provider.name} did not answer clearly. The mail may have been sent.`;
  return new MailError(message, { permanent: false, unclear: true, cause: error });
}
