// Resend (https://resend.com/docs/api-reference/emails/send-email). Its Idempotency-Key makes a repeated request harmless
// for 24 hours; sent_mails covers the time after. By fetch and not by its SDK, which hides status and Retry-After.
import { z } from 'zod';
import { MailError, type MailProvider, mailErrorOf } from './mail.ts';

export interface ResendOptions {
  apiKey: string;
  baseUrl: string;
  from: string;
}

const Accepted = z.object({ id: z.string() });
const Refused = z.object({ name: z.string().catch(''), message: z.string().catch('') });

export function createResend({ apiKey, baseUrl, from }: ResendOptions): MailProvider {
  return {
    name: 'resend',
    async send({ to, subject, text, html, reply_to }, { idempotencyKey, signal }) {
      let response: Response;
      try {
        response = await fetch(`${baseUrl.replace(/\/$/, '')}/emails`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            'idempotency-key': idempotencyKey,
            'user-agent': 'errand',
          },
          body: JSON.stringify({ from, to: [to], subject, text, html, reply_to }),
          signal,
        });
      } catch (error) {
        throw new MailError('resend could not be reached', { permanent: false, cause: error });
      }
      const body = await response.json().catch(() => undefined);
      if (!response.ok) {
        const refused = Refused.safeParse(body).data;
        throw mailErrorOf('resend', response, `${refused?.name ?? ''} ${refused?.message ?? ''}`.trim(), {
          conflictPasses: refused?.name === 'concurrent_idempotent_requests',
        });
      }
      const accepted = Accepted.safeParse(body);
      // Taken, but without an id we could read: the key makes asking again safe.
      if (!accepted.success) throw new MailError('resend answered 200 without an id', { permanent: false });
      return accepted.data.id;
    },
  };
}
