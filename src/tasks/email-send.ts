// email.send: sends one mail, once. Every task that sends a mail must use deliver().
import { z } from 'zod';
import { defineTask, exponential, PermanentFailure, type TaskContext } from '../engine/index.ts';
import { lazy } from '../lazy.ts';
import { type Mail, MailError, MailSchema, type SentMail } from '../mail/index.ts';

export const emailOutput = lazy(() =>
  z.object({
    /** Empty: the provider accepted the mail and gave no id. */
    message_id: z.string(),
    provider: z.string(),
    /** Recipients that got no mail: earlier mail to them bounced or was reported as spam. */
    suppressed: z.array(z.string()).optional(),
  }),
);

/** Ten retries reach over an outage of about an hour; the first ones follow within seconds. */
export const emailRetry = {
  max: 10,
  backoff: exponential({ base: 1, max: 600, jitter: true }),
  failOn: (error: unknown) => error instanceof MailError && error.permanent,
};

/**
 * Sends the mail under the task's idempotency key. A refusal with a code (`unclear`, `suppressed`, …) ends the task as FAILURE
 * with that code. When the isolate holds too many attachments, the task is put off without using up a retry.
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
