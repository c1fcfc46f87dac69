// email.send: one mail, once.
import { z } from 'zod';
import { defineTask, exponential } from '../engine/index.ts';
import { MailError, MailSchema } from '../mail/index.ts';

export const emailOutput = z.object({ message_id: z.string(), provider: z.string() });

/** A provider's blip passes in seconds, its outage in an hour: ten tries reach over both. */
export const emailRetry = {
  max: 10,
  backoff: exponential({ base: 1, max: 600, jitter: true }),
  failOn: (error: unknown) => error instanceof MailError && error.permanent,
};

export const sendEmail = defineTask({
  name: 'email.send',
  input: MailSchema,
  output: emailOutput,
  queue: 'email',
  retry: emailRetry,
  timeoutSeconds: 30,
  run: (mail, { services, idempotencyKey, signal }) => services.mailer.send(mail, { idempotencyKey, signal }),
});
