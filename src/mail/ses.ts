// Amazon SES, API v2 (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html), signed by aws4fetch. It has
// no idempotency keys.
import { AwsClient } from 'aws4fetch';
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { type MailError, mailErrorOf } from './mail-error.ts';
import { acceptedWithoutId, ask, type Letter, type MailProvider, readJson, toBase64, under } from './provider.ts';
import { formatSender, type Sender } from './sender.ts';

export interface SesOptions {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string | undefined;
  region: string;
  /** Default: the endpoint of the region. */
  baseUrl: string | undefined;
  from: Sender;
}

const Accepted = lazy(() => z.object({ MessageId: z.string().min(1) }));
const Refused = lazy(() => z.object({ message: z.string() }));

/** Error types that may end by themselves although their status is 400: rate limit, daily quota, wrong clock. */
const PASSING = /^(Throttling|TooManyRequests|LimitExceeded|RequestExpired)/;

export function createSes(options: SesOptions): MailProvider {
  const { region, baseUrl = `https://email.${region}.amazonaws.com`, from, sessionToken, ...keys } = options;
  const aws = new AwsClient({ ...keys, ...(sessionToken && { sessionToken }), service: 'ses', region, retries: 0 });
  return {
    name: 'ses',
    remembersSeconds: 0,
    async send(letter, { signal, now }) {
      const signed = await aws.sign(under(baseUrl, '/v2/email/outbound-emails'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(bodyOf(from, letter)),
      });
      const response = await ask('ses', signed, { signal });
      const body = await readJson(response);
      if (!response.ok) throw refusal(response, body, now());
      const accepted = Accepted().safeParse(body);
      if (!accepted.success) return acceptedWithoutId('ses', response, body);
      return accepted.data.MessageId;
    },
  };
}

function bodyOf(from: Sender, letter: Letter): object {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  const part = (Data: string) => ({ Data, Charset: 'UTF-8' });
  return {
    FromEmailAddress: mimeSender(from),
    Destination: {
      ToAddresses: to,
      ...(cc.length > 0 && { CcAddresses: cc }),
      ...(bcc.length > 0 && { BccAddresses: bcc }),
    },
    ...(replyTo !== undefined && { ReplyToAddresses: [replyTo] }),
    Content: {
      Simple: {
        Subject: part(subject),
        Body: { ...(text !== undefined && { Text: part(text) }), ...(html !== undefined && { Html: part(html) }) },
        ...(headers.length > 0 && { Headers: headers.map(([Name, Value]) => ({ Name, Value })) }),
        ...(attachments.length > 0 && {
          Attachments: attachments.map(({ filename, contentType, contentId, bytes }) => ({
            FileName: filename,
            RawContent: toBase64(bytes),
            ContentType: contentType,
            ContentDisposition: contentId === undefined ? 'ATTACHMENT' : 'INLINE',
            ...(contentId !== undefined && { ContentId: contentId }),
            ContentTransferEncoding: 'BASE64',
          })),
        }),
      },
    },
    ...(tags.length > 0 && { EmailTags: tags.map(({ name, value }) => ({ Name: name, Value: value })) }),
  };
}

/** SES accepts a sender name beyond ASCII only as encoded words (RFC 2047), each of at most 75 characters. */
function mimeSender(from: Sender): string {
  const { name, address } = from;
  if (name === undefined || /^[ -~]*$/.test(name)) return formatSender(from);
  const words = (name.match(/.{1,11}/gu) ?? []).map(
    (part) => `=?UTF-8?B?${toBase64(new TextEncoder().encode(part))}?=`,
  );
  return `${words.join(' ')} <${address}>`;
}

function refusal(response: Response, body: unknown, now: number): MailError {
  const type = response.headers.get('x-amzn-errortype')?.split(':')[0] ?? '';
  const message = Refused().safeParse(body).data?.message ?? '';
  return mailErrorOf('ses', response, `${type} ${message}`.trim(), now, {
    ...(response.status < 500 && PASSING.test(type) && { permanent: false }),
  });
}
