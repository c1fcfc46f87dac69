// Postmark (https://postmarkapp.com/developer/api/email-api). It has no idempotency keys. Tags are sent as Metadata, because
// Postmark's own Tag is a single word.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { MailError, mailErrorOf } from './mail-error.ts';
import { acceptedWithoutId, ask, type Letter, type MailProvider, readJson, toBase64, under } from './provider.ts';
import { formatSender, type Sender } from './sender.ts';

export interface PostmarkOptions {
  token: string;
  baseUrl: string;
  from: Sender;
  messageStream: string;
}

const Accepted = lazy(() => z.object({ ErrorCode: z.literal(0), MessageID: z.string().min(1) }));
const Refused = lazy(() => z.object({ ErrorCode: z.number(), Message: z.string().catch('') }));

/** Error codes: https://postmarkapp.com/developer/api/overview#error-codes */
const MAINTENANCE = 100;
const INACTIVE_RECIPIENT = 406;

export function createPostmark({ token, baseUrl, from, messageStream }: PostmarkOptions): MailProvider {
  return {
    name: 'postmark',
    remembersSeconds: 0,
    async send(letter, { signal, now }) {
      const response = await ask('postmark', under(baseUrl, '/email'), {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          'x-postmark-server-token': token,
          'user-agent': 'errand',
        },
        body: JSON.stringify({ ...bodyOf(from, letter), MessageStream: messageStream }),
        signal,
      });
      const body = await readJson(response);
      const refused = Refused().safeParse(body).data;
      if (!response.ok) throw refusal(response, refused, now());
      if (refused && refused.ErrorCode !== 0) {
        const { ErrorCode, Message } = refused;
        throw new MailError(`postmark refused the mail: ${ErrorCode} ${Message}`, { permanent: true });
      }
      const accepted = Accepted().safeParse(body);
      if (!accepted.success) return acceptedWithoutId('postmark', response, body);
      return accepted.data.MessageID;
    },
  };
}

function bodyOf(from: Sender, letter: Letter): object {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  return {
    From: formatSender(from),
    To: to.join(','),
    ...(cc.length > 0 && { Cc: cc.join(',') }),
    ...(bcc.length > 0 && { Bcc: bcc.join(',') }),
    ReplyTo: replyTo,
    Subject: subject,
    TextBody: text,
    HtmlBody: html,
    ...(headers.length > 0 && { Headers: headers.map(([Name, Value]) => ({ Name, Value })) }),
    ...(tags.length > 0 && { Metadata: Object.fromEntries(tags.map(({ name, value }) => [name, value])) }),
    ...(attachments.length > 0 && {
      Attachments: attachments.map(({ filename, contentType, contentId, bytes }) => ({
        Name: filename,
        Content: toBase64(bytes),
        ContentType: contentType,
        ...(contentId !== undefined && { ContentID: `cid:${contentId}` }),
      })),
    }),
  };
}

function refusal(response: Response, refused: z.infer<ReturnType<typeof Refused>> | undefined, now: number): MailError {
  const { ErrorCode = 0, Message = '' } = refused ?? {};
  return mailErrorOf('postmark', response, `${ErrorCode} ${Message}`.trim(), now, {
    ...(ErrorCode === MAINTENANCE && { permanent: false, fault: true }),
    ...(ErrorCode === INACTIVE_RECIPIENT && { code: 'suppressed' }),
  });
}
