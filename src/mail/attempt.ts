// One attempt: recorded before a provider is asked, completed with the answer, taken back when that was a refusal. A run
// that dies in between leaves an open attempt, and nothing else does.

import { MailError } from './mail-error.ts';
import type { MailerParts, MailOptions } from './mailer.ts';
import type { Letter, MailProvider } from './provider.ts';
import { clearAttempt, type Known, recordAttempt, recordSent } from './store.ts';

/** One provider may think so long; two fit into the 30 seconds of a mail task. */
const ASK_SECONDS = 12;

/** A mail on its way. */
export interface Sending extends MailOptions {
  /** The open attempt of an earlier run. */
  known: Known | undefined;
  leftOut: string[];
  letter: Letter;
}

/** Records the attempt, asks, records the result. The provider's id of the mail. */
export async function askOne(parts: MailerParts, provider: MailProvider, sending: Sending): Promise<string> {
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
