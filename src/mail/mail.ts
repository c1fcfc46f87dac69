// A mail, and the errors of sending one. No provider's names here.
import { z } from 'zod';

/** Header values must be one line: a line break would let their author write further headers. */
const line = (max: number) =>
  z
    .string()
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain line breaks or other control characters');

export const MailSchema = z
  .object({
    to: z.email().max(254),
    subject: line(998),
    text: z.string().max(500_000).optional(),
    html: z.string().max(500_000).optional(),
    reply_to: z.email().max(254).optional(),
  })
  .refine((mail) => mail.text !== undefined || mail.html !== undefined, {
    message: 'a mail needs text or html',
    path: ['text'],
  });

export type Mail = z.infer<typeof MailSchema>;

export interface SentMail {
  message_id: string;
  provider: string;
}

/** Sends mails through one provider. */
export interface MailProvider {
  name: string;
  /** The provider's id of the mail. Throws MailError. */
  send(mail: Mail, options: { idempotencyKey: string; signal: AbortSignal }): Promise<string>;
}

/** The provider did not take the mail. */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** Another attempt with the same mail cannot succeed. */
  readonly permanent: boolean;
  /** The provider's Retry-After, in seconds. The engine's backoff honours a field of this name. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    message: string,
    options: { permanent: boolean; retryAfterSeconds?: number | undefined; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.permanent = options.permanent;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Statuses after which the same request may succeed, beside 5xx: timeout, too early, too many requests. */
const PASSING = new Set([408, 425, 429]);

/** The error for a provider's answer. `conflictPasses`: a 409 means that the first request is still under way. */
export function mailErrorOf(
  provider: string,
  response: Response,
  detail: string,
  { conflictPasses = false }: { conflictPasses?: boolean } = {},
): MailError {
  const { status, headers } = response;
  const permanent = status < 500 && !PASSING.has(status) && !(status === 409 && conflictPasses);
  return new MailError(`${provider} answered ${status}: ${detail.slice(0, 300)}`, {
    permanent,
    retryAfterSeconds: retryAfter(headers.get('retry-after')),
  });
}

/** Retry-After (RFC 9110, 10.2.3): seconds; the date form is not sent by mail providers and is ignored. */
function retryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}
