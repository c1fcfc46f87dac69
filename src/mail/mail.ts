// The shape of a mail, as tasks write it. Each limit is the lowest of all providers, so that every provider accepts a mail
// that passes here.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { AddressSchema } from './address.ts';
import { refusedExtension } from './refused-extensions.ts';
import { UNSUBSCRIBE_PLACEHOLDER } from './unsubscribe.ts';

/** Recipients in `to`, `cc` and `bcc` together. SES, Postmark and Cloudflare accept 50. */
export const MAX_RECIPIENTS = 50;
const MAX_ATTACHMENTS = 20;
/** SES accepts 15. */
const MAX_HEADERS = 15;
/** Postmark keeps 10 tags, with names of up to 20 and values of up to 80 characters. */
const MAX_TAGS = 10;

/** A text without line breaks. With a line break, the author of a value could add mail headers. */
const line = (max: number) =>
  z
    .string()
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this refuses control characters
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain line breaks or other control characters');

const addresses = lazy(() => z.union([AddressSchema, z.array(AddressSchema).min(1).max(MAX_RECIPIENTS)]));

/** Headers that a task may not set: the mailer or the transport writes them, or they change how a provider works. */
const OWNED =
  /^(from|to|cc|bcc|subject|reply-to|sender|date|message-id|mime-version|return-path|received|dkim-signature|feedback-id|content-.*|arc-.*|resent-.*|x-(ses|pm|mailgun|sg|postmark|tag)-.*|x-smtpapi)$/i;

const headers = lazy(() =>
  z
    .record(
      z
        .string()
        .max(100)
        .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'must be made of letters, digits and hyphens')
        .refine((name) => !OWNED.test(name), 'must not be a header that the mailer or the provider writes'),
      z
        .string()
        .min(1)
        .max(870)
        .regex(/^[ -~]*$/, 'must be printable ASCII'),
    )
    .refine((record) => Object.keys(record).length <= MAX_HEADERS, `must have at most ${MAX_HEADERS} headers`)
    .refine(
      (record) => new Set(Object.keys(record).map((name) => name.toLowerCase())).size === Object.keys(record).length,
      'must not name a header twice',
    ),
);

const tag = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be made of letters, digits, underscores and hyphens');

const tags = lazy(() =>
  z
    .array(z.object({ name: tag(20), value: tag(80) }))
    .max(MAX_TAGS)
    .refine(
      (list) => new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
      'must not name a tag twice',
    ),
);

const attachment = lazy(() =>
  z.object({
    /** The file key of the attachment. */
    file: z.string().min(1).max(1024),
    /** Default: the filename of the upload. */
    filename: line(200)
      .min(1)
      .regex(/^[^/\\]*$/, 'must not contain slashes')
      .refine(
        (name) => refusedExtension(name) === undefined,
        'must not end like a program: some providers refuse such files',
      )
      .optional(),
    /** Default: the media type of the file. */
    content_type: z
      .string()
      .max(127)
      .regex(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/, 'must be a media type such as application/pdf')
      .optional(),
    /** If set, the attachment is shown inside the HTML, which refers to it as `cid:<content_id>`. */
    content_id: z
      .string()
      .max(78)
      .regex(/^[\w.@-]+$/, 'must be made of letters, digits, and . _ - @')
      .optional(),
  }),
);

export const MailSchema = lazy(() =>
  z
    .object({
      /** One address, or up to 50. */
      to: addresses(),
      cc: addresses().optional(),
      bcc: addresses().optional(),
      reply_to: AddressSchema.optional(),
      subject: line(998).regex(/\S/, 'must not be empty: some providers refuse a mail without a subject'),
      text: z.string().max(500_000).optional(),
      html: z.string().max(500_000).optional(),
      headers: headers().optional(),
      attachments: z.array(attachment()).max(MAX_ATTACHMENTS).optional(),
      tags: tags().optional(),
      /**
       * false: the recipient gets this mail because of a subscription, not because of an action of their own. Such a mail has one
       * recipient and carries a link to unsubscribe. Default: true.
       */
      transactional: z.boolean().optional(),
    })
    .refine((mail) => /\S/.test(`${mail.text ?? ''}${mail.html ?? ''}`), {
      message: 'must not be empty when there is no html: some providers refuse a mail without a body',
      path: ['text'],
    })
    .refine(({ to, cc, bcc }) => [to, cc ?? [], bcc ?? []].flat().length <= MAX_RECIPIENTS, {
      message: `to, cc and bcc must have at most ${MAX_RECIPIENTS} recipients together`,
      path: ['to'],
    })
    .superRefine((mail, context) => {
      for (const [path, message] of subscriptionFaults(mail))
        context.addIssue({ code: 'custom', path: [path], message });
    }),
);

interface Subscribed {
  to: string | string[];
  cc?: string | string[] | undefined;
  bcc?: string | string[] | undefined;
  text?: string | undefined;
  html?: string | undefined;
  headers?: Record<string, string> | undefined;
  transactional?: boolean | undefined;
}

/** What a mail with a link to unsubscribe may not have, and what only such a mail may have. */
function subscriptionFaults({
  to,
  cc,
  bcc,
  text,
  html,
  headers: own = {},
  transactional,
}: Subscribed): [string, string][] {
  if (transactional !== false) {
    const message = `must not contain ${UNSUBSCRIBE_PLACEHOLDER} unless transactional is false`;
    return Object.entries({ text, html }).flatMap(([path, part]): [string, string][] =>
      part?.includes(UNSUBSCRIBE_PLACEHOLDER) ? [[path, message]] : [],
    );
  }
  const faults: [string, string][] = [];
  if ([to, cc ?? [], bcc ?? []].flat().length !== 1)
    faults.push(['to', 'must be the only recipient when transactional is false: each has a link of its own']);
  if (Object.keys(own).some((name) => /^list-unsubscribe(-post)?$/i.test(name)))
    faults.push(['headers', 'must not have List-Unsubscribe when transactional is false: Errand writes it']);
  if (Object.keys(own).length > MAX_HEADERS - 2)
    faults.push([
      'headers',
      `must have at most ${MAX_HEADERS - 2} headers when transactional is false: Errand adds two`,
    ]);
  return faults;
}

export type Mail = z.infer<ReturnType<typeof MailSchema>>;
export type MailAttachment = z.infer<ReturnType<typeof attachment>>;

export interface SentMail {
  /** Empty: the provider accepted the mail and gave no id. */
  message_id: string;
  provider: string;
  /** Recipients that got no mail because they are suppressed. Absent when there are none. */
  suppressed?: string[];
}
