// email.welcome: the mail that a new user gets.
import { z } from 'zod';
import { defineTask } from '../engine/index.ts';
import { AddressSchema, welcomeMail } from '../mail/index.ts';
import { deliver, emailOutput, emailRetry } from './email-send.ts';

export const sendWelcomeEmail = defineTask({
  name: 'email.welcome',
  input: () => z.object({ user_id: z.string(), email: AddressSchema }),
  output: emailOutput,
  queue: 'email',
  retry: emailRetry,
  timeoutSeconds: 30,
  run: ({ email }, ctx) => deliver({ to: email, ...welcomeMail({ email }) }, ctx),
});
