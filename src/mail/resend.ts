// Resend (https://resend.com/docs/api-reference/emails/send-email). Its Idempotency-Key makes a repeated request safe for 24
// hours; the table sent_mails covers the time after that. Uses fetch, because Resend's SDK hides the status and Retry-After.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { mailErrorOf } from './mail-error.ts';
import { acceptedWithoutId, ask, type Letter, type MailProvider, readJson, toBase64, under } from './provider.ts';
import { formatSender, type Sender } from './sender.ts';

export interface ResendOptions {
  apiKey: string;
  baseUrl: string;
  from: Sender;
}

const Accepted = lazy(() => z.object({ id: z.string() }));
const Refused = lazy(() => z.object({ name: z.string().catch(''), message: z.string().catch('') }));

export function createResend({ apiKey, baseUrl, from }: ResendOptions): MailProvider {
  return {
    name: 'resend',
    remembersSeconds: 86_400,
    async send(letter, { idempotencyKey, signal, now }) {
      const response = await ask('resend', under(baseUrl, '/emails'), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          'user-agent': 'errand',
        },
        body: JSON.stringify(bodyOf(from, letter)),
        signal,
      });
      const body = await readJson(response);
      if (!response.ok) throw refusal(response, body, now());
      const accepted = Accepted().safeParse(body);
      if (!accepted.success) return acceptedWithoutId('resend', response, body);
      return accepted.data.id;
    },
  };
}

function bodyOf(from: Sender, letter: Letter): object {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  return {
    from: formatSender(from),
    to,
    ...(cc.length > 0 && { cc }),
    ...(bcc.length > 0 && { bcc }),
    subject,
    text,
    html,
    reply_to: replyTo,
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(tags.length > 0 && { tags }),
    ...(attachments.length > 0 && {
      attachments: attachments.map(({ filename, contentType, contentId, bytes }) => ({
        filename,
        content: toBase64(bytes),
        content_type: contentType,
        ...(contentId !== undefined && { content_id: contentId }),
      })),
    }),
  };
}

/** A 409 says that the idempotency key was used before: by a request that still runs, or by one with another payload. */
function refusal(response: Response, body: unknown, now: number) {
  const { name = '', message = '' } = Refused().safeParse(body).data ?? {};
  const known = response.status === 409 && name.endsWith('idempotent_request');
  const underWay = response.status === 409 && name === 'concurrent_idempotent_requests';
  return mailErrorOf('resend', response, `${name} ${message}`.trim(), now, {
    ...((known || underWay) && { unclear: true }),
    ...(underWay && { permanent: false }),
  });
}
