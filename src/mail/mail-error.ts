// Why a mail was not sent, and what may be done about it. The three questions are separate: may the same mail succeed
// later, may it have been taken all the same, and is the provider to blame.

export interface MailErrorOptions {
  permanent: boolean;
  unclear?: boolean;
  fault?: boolean;
  code?: string | undefined;
  retryAfterSeconds?: number | undefined;
  cause?: unknown;
}

/** The mail was not sent, or nobody knows. */
export class MailError extends Error {
  override readonly name = 'MailError';
  /** Another attempt with the same mail cannot succeed. */
  readonly permanent: boolean;
  /** The provider may have taken the mail: it did not answer, or not clearly. */
  readonly unclear: boolean;
  /** The provider fails, whatever the mail: its circuit counts this. */
  readonly fault: boolean;
  /** A heading of docs/errors.md, where there is one for the case. */
  readonly code: string | undefined;
  /** The provider's Retry-After, in seconds. The engine's backoff honours a field of this name. */
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

/** 4xx after which the same request may succeed: timeout, too early, too many requests. None of them took the mail. */
const PASSING = new Set([408, 425, 429]);
/** RFC 9110, 15.6.4: the server does not handle requests at present. Of the 5xx the only one that says "not taken". */
const UNAVAILABLE = 503;

/** The error for a provider's answer. `override` beats what the status says. */
export function mailErrorOf(
  provider: string,
  response: Response,
  detail: string,
  override: Partial<MailErrorOptions> = {},
): MailError {
  const { status, headers } = response;
  return new MailError(`${provider} answered ${status}: ${detail.slice(0, 300)}`, {
    permanent: status < 500 && !PASSING.has(status),
    unclear: status >= 500 && status !== UNAVAILABLE,
    fault: status >= 500,
    retryAfterSeconds: retryAfter(headers.get('retry-after')),
    ...override,
  });
}

/** The error for an answer of success from which the mail's id cannot be read. */
export function unreadable(provider: string, response: Response): MailError {
  return new MailError(`${provider} answered ${response.status} without an id`, {
    permanent: false,
    unclear: true,
    fault: true,
  });
}

/** Retry-After (RFC 9110, 10.2.3): seconds; the date form is not sent by mail providers and is ignored. */
function retryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value.trim()) ? Number(value) : undefined;
}
