// What contract-suite.ts needs for each provider: its settings, its fake, and the wording of its answers.
import type { MailPorts, MailSettings } from '../../src/mail/index.ts';
import { refusal } from '../chaos/resend-rules.ts';
import { fakeCloudflare } from './fakes/cloudflare.ts';
import type { Answer, FakeProvider, Turn } from './fakes/fake.ts';
import { fakeMailgun, MAILGUN_URL, mailgunError } from './fakes/mailgun.ts';
import { fakePostmark, POSTMARK_URL, postmarkError } from './fakes/postmark.ts';
import { fakeResend, RESEND_URL } from './fakes/resend.ts';
import { fakeSendGrid, SENDGRID_URL, sendGridError } from './fakes/sendgrid.ts';
import { fakeSes, SES_URL, sesError } from './fakes/ses.ts';

export interface Contract {
  settings: MailSettings;
  /** The same with an API key that the provider refuses; absent when the provider has no API keys. */
  badKey?: MailSettings;
  /** Starts the fake. `ports` lead to the fake if the provider is not reached through fetch. */
  start(): { fake: FakeProvider<unknown>; ports?: MailPorts };
  /** A refusal with this status in the provider's own words; absent when the provider does not speak HTTP. */
  status?(status: number, message: string, headers?: Record<string, string>): Answer;
  /** The provider's answers when the mail is invalid, the rate is limited, and the provider fails. */
  says: { invalid: Turn; limited: Turn; down: Turn };
  /** True if the provider has idempotency keys. */
  remembers: boolean;
  /** True if the provider takes the sender's name and address apart. */
  senderParts?: true;
  /** The provider's filename for an inline file `logo.png` with the content id `logo`; default: `logo.png`. */
  inlineName?: string;
}

export const MAIL_FROM = 'Errand <errand@example.com>';

const resend: MailSettings = {
  MAIL_PROVIDER: 'resend',
  MAIL_FROM,
  RESEND_API_KEY: 're_good',
  RESEND_BASE_URL: RESEND_URL,
};
const postmark: MailSettings = {
  MAIL_PROVIDER: 'postmark',
  MAIL_FROM,
  POSTMARK_TOKEN: 'pm_good',
  POSTMARK_BASE_URL: POSTMARK_URL,
  POSTMARK_MESSAGE_STREAM: 'outbound',
};
const sendgrid: MailSettings = {
  MAIL_PROVIDER: 'sendgrid',
  MAIL_FROM,
  SENDGRID_API_KEY: 'SG.good',
  SENDGRID_BASE_URL: SENDGRID_URL,
};
const mailgun: MailSettings = {
  MAIL_PROVIDER: 'mailgun',
  MAIL_FROM,
  MAILGUN_API_KEY: 'mg_good',
  MAILGUN_DOMAIN: 'mg.example.com',
  MAILGUN_BASE_URL: MAILGUN_URL,
};
const ses: MailSettings = {
  MAIL_PROVIDER: 'ses',
  MAIL_FROM,
  SES_ACCESS_KEY_ID: 'AKIDGOOD',
  SES_SECRET_ACCESS_KEY: 'secret',
  SES_REGION: 'eu-central-1',
  SES_BASE_URL: SES_URL,
};

const RETRY_AFTER = { 'retry-after': '7' };

export const PROVIDERS: Record<string, Contract> = {
  resend: {
    settings: resend,
    badKey: { ...resend, RESEND_API_KEY: 're_bad' },
    start: () => ({ fake: fakeResend() }),
    status: (status, message, headers) => refusal(status, 'some_error', message, headers),
    says: {
      invalid: refusal(422, 'validation_error', 'Invalid `to` field.'),
      limited: refusal(429, 'rate_limit_exceeded', 'Too many requests.', RETRY_AFTER),
      down: refusal(500, 'internal_server_error', 'An unexpected error occurred.'),
    },
    remembers: true,
  },
  postmark: {
    settings: postmark,
    badKey: { ...postmark, POSTMARK_TOKEN: 'pm_bad' },
    start: () => ({ fake: fakePostmark() }),
    status: (status, message, headers) => postmarkError(status, 300, message, headers),
    says: {
      invalid: postmarkError(422, 300, 'Invalid `to` field.'),
      limited: postmarkError(429, 429, 'Rate Limit Exceeded', RETRY_AFTER),
      down: postmarkError(500, 0, 'Internal Server Error'),
    },
    remembers: false,
  },
  sendgrid: {
    settings: sendgrid,
    badKey: { ...sendgrid, SENDGRID_API_KEY: 'SG.bad' },
    start: () => ({ fake: fakeSendGrid() }),
    status: sendGridError,
    says: {
      invalid: sendGridError(400, 'Invalid `to` field.'),
      limited: sendGridError(429, 'too many requests', RETRY_AFTER),
      down: sendGridError(500, 'Internal Server Error'),
    },
    remembers: false,
    senderParts: true,
  },
  mailgun: {
    settings: mailgun,
    badKey: { ...mailgun, MAILGUN_API_KEY: 'mg_bad' },
    start: () => ({ fake: fakeMailgun() }),
    status: mailgunError,
    says: {
      invalid: mailgunError(400, 'Invalid `to` field.'),
      limited: mailgunError(429, 'Too Many Requests', RETRY_AFTER),
      down: { status: 500, body: '<html>Internal Server Error</html>' },
    },
    remembers: false,
    inlineName: 'logo',
  },
  ses: {
    settings: ses,
    badKey: { ...ses, SES_SECRET_ACCESS_KEY: 'very_bad' },
    start: () => ({ fake: fakeSes() }),
    status: (status, message, headers) => sesError(status, 'BadRequestException', message, headers),
    says: {
      invalid: sesError(400, 'BadRequestException', 'Invalid `to` field.'),
      limited: sesError(429, 'TooManyRequestsException', 'Too many requests.', RETRY_AFTER),
      down: sesError(500, 'InternalServiceErrorException', 'Internal failure'),
    },
    remembers: false,
  },
  cloudflare: {
    settings: { MAIL_PROVIDER: 'cloudflare', MAIL_FROM },
    start() {
      const fake = fakeCloudflare();
      return { fake, ports: { email: fake.binding } };
    },
    says: {
      invalid: coded('E_VALIDATION_ERROR', 'Invalid `to` field.'),
      limited: coded('E_RATE_LIMIT_EXCEEDED', 'Rate limit exceeded'),
      down: coded('E_INTERNAL_SERVER_ERROR', 'Email Service temporarily unavailable'),
    },
    remembers: false,
    senderParts: true,
  },
};

/** An error of the binding, as an answer of its fake. */
export function coded(code: string, message: string): Answer {
  return { status: 0, body: { code, message } };
}
