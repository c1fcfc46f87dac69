// email.welcome: the mail a new user gets. The seed's send_welcome_email.
import { z } from 'zod';
import { defineTask } from '../engine/index.ts';
import { emailOutput, emailRetry } from './email-send.ts';

export const sendWelcomeEmail = defineTask({
  name: 'email.welcome',
  input: z.object({ user_id: z.string(), email: z.email() }),
  output: emailOutput,
  queue: 'email',
  retry: emailRetry,
  timeoutSeconds: 30,
  run({ email }, { services, idempotencyKey, signal }) {
    const text = 'Hello,\n\nyour account is ready.\n\nIf you did not sign up, ignore this mail.\n';
    const html = '<p>Hello,</p><p>your account is ready.</p><p>If you did not sign up, ignore this mail.</p>';
    return services.mailer.send({ to: email, subject: 'Welcome!', text, html }, { idempotencyKey, signal });
  },
});
