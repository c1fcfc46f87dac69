// A mail as tasks write it. Its limits are the narrowest of all providers, so that what one takes every other takes too.
import { z } from 'zod';

/** Recipients in `to`, `cc` and `bcc` together: SES, Postmark and Cloudflare take 50. */
export const MAX_RECIPIENTS = 50;
const MAX_ATTACHMENTS = 20;
/** SES takes 15. */
const MAX_HEADERS = 15;
/** Postmark keeps 10, with names up to 20 and values up to 80 characters. */
const MAX_TAGS = 10;

/** One line: a line break would let the author of a value write further headers. */
const line = (max: number) =>
  z
    .string()
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain line breaks or other control characters');

/** RFC 3696, erratum 1690. */
export const MAX_ADDRESS_CHARACTERS = 254;

const address = z.email().max(MAX_ADDRESS_CHARACTERS);
const addresses = z.union([address, z.array(address).min(1).max(MAX_RECIPIENTS)]);

/** Names that the mailer writes itself, that belong to the transport, or that steer a provider. */
const OWNED =
  /^(from|to|cc|bcc|subject|reply-to|sender|date|message-id|mime-version|return-path|received|dkim-signature|feedback-id|content-.*|arc-.*|resent-.*|x-(ses|pm|mailgun|sg|postmark|tag)-.*|x-smtpapi)$/i;

const headers = z
  .record(
    z
      .string()
      .max(100)
      .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'a header name is made of letters, digits and hyphens')
      .refine((name) => !OWNED.test(name), 'this header is written by the mailer or the provider'),
    z
      .string()
      .min(1)
      .max(870)
      .regex(/^[ -~]*$/, 'must be printable ASCII'),
  )
  .refine((record) => Object.keys(record).length <= MAX_HEADERS, `at most ${MAX_HEADERS} headers`)
  .refine(
    (record) => new Set(Object.keys(record).map((name) => name.toLowerCase())).size === Object.keys(record).length,
    'a header is given twice',
  );

const tag = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, underscores and hyphens only');

const tags = z
  .array(z.object({ name: tag(20), value: tag(80) }))
  .max(MAX_TAGS)
  .refine((list) => new Set(list.map(({ name }) => name.toLowerCase())).size === list.length, 'a tag is given twice');

const attachment = z.object({
  /** The key of a file in R2. */
  file: z.string().min(1).max(1024),
  /** Default: as the file is called. */
  filename: line(200)
    .min(1)
    .regex(/^[^/\\]*$/, 'must not contain slashes')
    .optional(),
  /** Default: the file's. */
  content_type: z
    .string()
    .max(127)
    .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, 'must be a media type such as application/pdf')
    .optional(),
  /** Shown inside the HTML, which refers to it as `cid:<content_id>`. */
  content_id: z
    .string()
    .max(78)
    .regex(/^[\w.@-]+$/, 'letters, digits, and . _ - @ only')
    .optional(),
});

export const MailSchema = z
  .object({
    /** One address, or up to 50. */
    to: addresses,
    cc: addresses.optional(),
    bcc: addresses.optional(),
    reply_to: address.optional(),
    subject: line(998),
    text: z.string().max(500_000).optional(),
    html: z.string().max(500_000).optional(),
    headers: headers.optional(),
    attachments: z.array(attachment).max(MAX_ATTACHMENTS).optional(),
    tags: tags.optional(),
  })
  .refine((mail) => mail.text !== undefined || mail.html !== undefined, {
    message: 'a mail needs text or html',
    path: ['text'],
  })
  .refine(({ to, cc, bcc }) => [to, cc ?? [], bcc ?? []].flat().length <= MAX_RECIPIENTS, {
    message: `at most ${MAX_RECIPIENTS} recipients in to, cc and bcc together`,
    path: ['to'],
  });

export type Mail = z.infer<typeof MailSchema>;
export type MailAttachment = z.infer<typeof attachment>;

export interface SentMail {
  message_id: string;
  provider: string;
  /** Recipients that were left out because they are suppressed. Absent when there were none. */
  suppressed?: string[];
}
