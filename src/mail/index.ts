// The door of the mail room: sends mail through HTTP APIs. createMailer() chooses the providers; mailer.ts makes sure that
// each mail is sent once. Nothing outside imports any other file.
import type { AttachmentSource } from './attachments.ts';
import { alwaysClosed, type Circuits } from './circuits.ts';
import { createCloudflare } from './cloudflare.ts';
import { createMailbox } from './mailbox.ts';
import { createSender } from './mailer.ts';
import type { Mailer } from './mailer-parts.ts';
import { createMailgun } from './mailgun.ts';
import { createPostmark } from './postmark.ts';
import type { MailProvider } from './provider.ts';
import { createResend } from './resend.ts';
import { parseSender, type Sender } from './sender.ts';
import { createSendGrid } from './sendgrid.ts';
import { createSes } from './ses.ts';
import { createUnsubscribeUrl, type UnsubscribeSettings } from './unsubscribe.ts';

export { AddressSchema, normaliseAddress } from './address.ts';
export type { AttachmentSource } from './attachments.ts';
export { alwaysClosed, type Circuits } from './circuits.ts';
export { type Mail, MailSchema, type SentMail } from './mail.ts';
export { MailError } from './mail-error.ts';
export type { KeptMail } from './mailbox.ts';
export type { Mailer, MailOptions } from './mailer-parts.ts';
export type { MailProvider } from './provider.ts';
export {
  getMailboxMail,
  liftSuppression,
  listMailbox,
  listSuppressions,
  type MailboxRow,
  pruneMails,
  type SuppressionReason,
  type SuppressionRow,
} from './store.ts';
export {
  type Noted,
  notePostmarkEvent,
  noteResendEvent,
  type Report,
  takeCloudflareEvents,
  unsubscribe,
} from './suppressions.ts';
export { type DigestData, digestMail } from './templates/digest.ts';
export type { Rendered } from './templates/layout.ts';
export { type WelcomeData, welcomeMail } from './templates/welcome.ts';
export { createUnsubscribeUrl, readUnsubscribeToken } from './unsubscribe.ts';

/** The settings of the providers. src/config.ts checks that the settings of each chosen provider are present and valid. */
export type ProviderVar =
  | 'RESEND_API_KEY'
  | 'RESEND_BASE_URL'
  | 'POSTMARK_TOKEN'
  | 'POSTMARK_BASE_URL'
  | 'POSTMARK_MESSAGE_STREAM'
  | 'SENDGRID_API_KEY'
  | 'SENDGRID_BASE_URL'
  | 'MAILGUN_API_KEY'
  | 'MAILGUN_BASE_URL'
  | 'MAILGUN_DOMAIN'
  | 'SES_ACCESS_KEY_ID'
  | 'SES_SECRET_ACCESS_KEY'
  | 'SES_SESSION_TOKEN'
  | 'SES_REGION'
  | 'SES_BASE_URL';

export interface MailSettings extends Partial<Record<ProviderVar, string | undefined>>, UnsubscribeSettings {
  MAIL_PROVIDER: ProviderName;
  /** Providers to ask, in this order, when the circuit of the one before is open or it failed without accepting the mail. */
  MAIL_FALLBACK?: ProviderName[] | undefined;
  /** Default `resend`. */
  MAIL_ON_UNCLEAR?: 'resend' | 'hold' | undefined;
  MAIL_FROM: string;
}

/** What the mailer uses besides D1; src/index.ts provides it. */
export interface MailPorts {
  /** Default: none, so that a mail with attachments fails with `file_not_found`. */
  attachments?: AttachmentSource;
  /** Default: circuits that never open. */
  circuits?: Circuits;
  /** The `send_email` binding, for the provider `cloudflare`. */
  email?: SendEmail | undefined;
}

interface Source {
  db: D1Database;
  from: Sender;
  now: () => number;
  /** Returns the setting. Throws an Error when it is not set. */
  need(name: ProviderVar): string;
  /** Returns the setting; undefined when it is not set. */
  find(name: ProviderVar): string | undefined;
  email: SendEmail | undefined;
}

/** One entry per provider. */
const PROVIDERS = {
  mailbox: ({ db, from, now }: Source) => createMailbox(db, from, now),
  resend: ({ from, need }: Source) =>
    createResend({ from, apiKey: need('RESEND_API_KEY'), baseUrl: need('RESEND_BASE_URL') }),
  postmark: ({ from, need }: Source) =>
    createPostmark({
      from,
      token: need('POSTMARK_TOKEN'),
      baseUrl: need('POSTMARK_BASE_URL'),
      messageStream: need('POSTMARK_MESSAGE_STREAM'),
    }),
  sendgrid: ({ from, need }: Source) =>
    createSendGrid({ from, apiKey: need('SENDGRID_API_KEY'), baseUrl: need('SENDGRID_BASE_URL') }),
  mailgun: ({ from, need }: Source) =>
    createMailgun({
      from,
      apiKey: need('MAILGUN_API_KEY'),
      baseUrl: need('MAILGUN_BASE_URL'),
      domain: need('MAILGUN_DOMAIN'),
    }),
  ses: ({ from, need, find }: Source) =>
    createSes({
      from,
      accessKeyId: need('SES_ACCESS_KEY_ID'),
      secretAccessKey: need('SES_SECRET_ACCESS_KEY'),
      sessionToken: find('SES_SESSION_TOKEN'),
      region: need('SES_REGION'),
      baseUrl: find('SES_BASE_URL'),
    }),
  cloudflare: ({ from, email }: Source) => createCloudflare({ from, binding: needBinding(email) }),
};

export type ProviderName = keyof typeof PROVIDERS;

/** Throws an Error that names the setting, when a chosen provider lacks one or MAIL_FROM has no valid address. */
export function createMailer(db: D1Database, settings: MailSettings, now: () => number, ports: MailPorts = {}): Mailer {
  const { MAIL_PROVIDER, MAIL_FALLBACK = [], MAIL_FROM, MAIL_ON_UNCLEAR: onUnclear = 'resend' } = settings;
  const find = (name: ProviderVar) => settings[name] || undefined;
  const need = (name: ProviderVar) => {
    const value = find(name);
    if (value === undefined) throw new Error(`${name} is not set. The chosen mail provider needs it.`);
    return value;
  };
  const source: Source = { db, from: parseSender(MAIL_FROM), now, need, find, email: ports.email };
  return createSender({
    db,
    providers: [MAIL_PROVIDER, ...MAIL_FALLBACK].map((name): MailProvider => PROVIDERS[name](source)),
    onUnclear,
    circuits: ports.circuits ?? alwaysClosed,
    attachments: ports.attachments,
    unsubscribeUrl: createUnsubscribeUrl(settings),
    now,
  });
}

function needBinding(email: SendEmail | undefined): SendEmail {
  if (!email)
    throw new Error('The binding EMAIL is not configured. Add [[send_email]] with this name to wrangler.toml.');
  return email;
}
