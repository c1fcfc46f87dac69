// Why a mail was not sent. A MailError answers three separate questions: can the same mail succeed later, may the provider
// have accepted it, and is the provider at fault.

export interface MailErrorOptions {
  permanent: boolean;
  unclear?: boolean;
  fault?: boolean;
  code?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** The mail was not sent, or it is not known whether it was sent. */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** Another attempt with the same mail cannot succeed. */
  readonly permanent: boolean;
  /** The provider may have accepted the mail: it did not answer, or its answer was not clear. */
  readonly unclear: boolean;
  /** The provider itself fails, for any mail. Its circuit counts this error. */
  readonly fault: boolean;
  /** An error code that docs/errors.md describes; undefined when the case has none. */
  readonly code: string | undefined;
  /** The provider's Retry-After, in seconds. The engine's backoff reads a field of this name. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: MailErrorOptions) {
    super(message, { cause: options.cause });
    this.permanent = options.permanent;
    this.unclear = options.unclear ?? false;
    this.fault = options.fault ?? false;
    this.code = options.code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** Statuses 4xx after which the same request may succeed later. With each of them the mail was not accepted. */
const PASSING = new Set([408, 425, 429]);
/** RFC 9110, 15.6.4: the server cannot handle requests now. It is the only 5xx that says the mail was not accepted. */
const UNAVAILABLE = 503;

/** The longest wait that a provider can ask for: a day. */
export const MAX_WAIT_SECONDS = 86_400;

/** The error for a provider's answer. `now`: epoch milliseconds. Fields in `override` replace what the status says. */
export function mailErrorOf(
  provider: string,
  response: Response,
  detail: string,
  now: number,
  override: Partial<MailErrorOptions> = {},
): MailError {
  const { status, headers } = response;
  return new MailError(`${provider} answered ${status}: ${detail.slice(0, 300)}`, {
    permanent: status < 500 && !PASSING.has(status),
    unclear: status >= 500 && status !== UNAVAILABLE,
    fault: status >= 500,
    retryAfterSeconds: retryAfter(headers.get('retry-after'), now),
    ...override,
  });
}

/** The error for a successful answer that the provider itself cannot have given. */
export function unreadable(provider: string, response: Response): MailError {
  return new MailError(
    `${provider} answered ${response.status}, but not in its own format. The mail may have been sent.`,
    {
      permanent: false,
      unclear: true,
      fault: true,
    },
  );
}

/** The three forms of a date in HTTP (RFC 9110, 5.6.7); Date.parse() alone would take `1.5` for a date. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .*\d\d:\d\d:\d\d/;

/**
 * Retry-After (RFC 9110, 10.2.3) in seconds, at most MAX_WAIT_SECONDS. A time that has passed asks for no wait, so the usual
 * backoff decides: undefined.
 */
function retryAfter(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(Number(text), MAX_WAIT_SECONDS);
  if (!HTTP_DATE.test(text)) return undefined;
  // The oldest of the forms has no zone. All of them mean UTC.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return at > now ? Math.min(Math.ceil((at - now) / 1000), MAX_WAIT_SECONDS) : undefined;
}
