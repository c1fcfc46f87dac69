// email.send: one mail, once. deliver() is for every task that sends one.
import { z } from 'zod';
import { defineTask, exponential, PermanentFailure, type TaskContext } from '../engine/index.ts';
import { type Mail, MailError, MailSchema, type SentMail } from '../mail/index.ts';

export const emailOutput = z.object({
  message_id: z.string(),
  provider: z.string(),
  /** Recipients that were left out: mail to them bounced, or they called it spam. */
  suppressed: z.array(z.string()).optional(),
});

/** A provider's blip passes in seconds, its outage in an hour: ten tries reach over both. */
export const emailRetry = {
  max: 10,
  backoff: exponential({ base: 1, max: 600, jitter: true }),
  failOn: (error: unknown) => error instanceof MailError && error.permanent,
};

/**
 * Sends the mail under the task's key. A refusal with a code (`unclear`, `suppressed`, …) becomes the task's FAILURE with
 * that code; an isolate that holds too many attachments costs the task no attempt.
 */
export async function deliver(
  mail: Mail,
  { services, idempotencyKey, signal, snooze }: Pick<TaskContext, 'services' | 'idempotencyKey' | 'signal' | 'snooze'>,
): Promise<SentMail> {
  try {
    return await services.mailer.send(mail, { idempotencyKey, signal });
  } catch (error) {
    if (error instanceof MailError && error.code === 'busy') snooze({ for: error.retryAfterSeconds ?? 5 });
    if (error instanceof MailError && error.permanent && error.code !== undefined)
      throw new PermanentFailure(error.message, error.code, { cause: error });
    throw error;
  }
}

export const sendEmail = defineTask({
  name: 'email.send',
  input: MailSchema,
  output: emailOutput,
  queue: 'email',
  retry: emailRetry,
  timeoutSeconds: 30,
  run: deliver,
});
