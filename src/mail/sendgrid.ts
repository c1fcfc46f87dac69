// SendGrid (https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send). It has no idempotency keys. Tags are sent
// as custom_args, because its categories have no values; they are an object only inside a personalization. It refuses an empty
// part, and text/html before text/plain.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { mailErrorOf } from './mail-error.ts';
import { acceptedWithoutId, ask, type Letter, type MailProvider, readJson, toBase64, under } from './provider.ts';
import type { Sender } from './sender.ts';

export interface SendGridOptions {
  apiKey: string;
  baseUrl: string;
  from: Sender;
}

const Refused = lazy(() => z.object({ errors: z.array(z.object({ message: z.string() })) }));

export function createSendGrid({ apiKey, baseUrl, from }: SendGridOptions): MailProvider {
  return {
    name: 'sendgrid',
    remembersSeconds: 0,
    async send(letter, { signal, now }) {
      const response = await ask('sendgrid', under(baseUrl, '/v3/mail/send'), {
        method: 'POST',
        headers: {
          authorization: `Bearer ${apiKey}`,
          'content-type': 'application/json',
          'user-agent': 'errand',
        },
        body: JSON.stringify(bodyOf(from, letter)),
        signal,
      });
      if (!response.ok) {
        const refused = Refused().safeParse(await readJson(response)).data?.errors ?? [];
        throw mailErrorOf('sendgrid', response, refused.map(({ message }) => message).join('; '), now());
      }
      await response.body?.cancel();
      return response.headers.get('x-message-id') || acceptedWithoutId('sendgrid', response, undefined);
    },
  };
}

function bodyOf(from: Sender, letter: Letter): object {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  const { address, name } = from;
  const listed = (addresses: string[]) => addresses.map((email) => ({ email }));
  return {
    personalizations: [
      {
        to: listed(to),
        ...(cc.length > 0 && { cc: listed(cc) }),
        ...(bcc.length > 0 && { bcc: listed(bcc) }),
        ...(tags.length > 0 && { custom_args: Object.fromEntries(tags.map((tag) => [tag.name, tag.value])) }),
      },
    ],
    from: { email: address, ...(name !== undefined && { name }) },
    ...(replyTo !== undefined && { reply_to: { email: replyTo } }),
    subject,
    content: [
      ...(text ? [{ type: 'text/plain', value: text }] : []),
      ...(html ? [{ type: 'text/html', value: html }] : []),
    ],
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    ...(attachments.length > 0 && {
      attachments: attachments.map(({ filename, contentType, contentId, bytes }) => ({
        content: toBase64(bytes),
        type: contentType,
        filename,
        disposition: contentId === undefined ? 'attachment' : 'inline',
        ...(contentId !== undefined && { content_id: contentId }),
      })),
    }),
  };
}
