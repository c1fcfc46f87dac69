// How long to wait before a retry: pure. The formulas are Celery's (celery/utils/time.py, get_exponential_backoff_interval).

/** Seconds to wait before retry `retry` (0 for the first), given the error that caused it and a random number in [0, 1). */
export type Backoff = (retry: number, error: unknown, random: () => number) => number;

export interface RetryPolicy {
  /** Retries after the first run: 3 means four runs in all. Default 3. */
  max?: number;
  /** Default: `exponential()`. */
  backoff?: Backoff;
  /** Retry only errors for which this is true. Default: all errors. */
  retryOn?: (error: unknown) => boolean;
  /** Never retry errors for which this is true; wins over `retryOn`. Default: none. */
  failOn?: (error: unknown) => boolean;
}

/**
 * Celery's `retry_backoff`: `min(max, factor · 2^retry)` seconds with `factor = max(1, base)`;
 * with jitter a uniform integer in [0, that]. Defaults: base 1, max 600, jitter on.
 */
export function exponential(options: { base?: number; max?: number; jitter?: boolean } = {}): Backoff {
  const { base = 1, max = 600, jitter = true } = options;
  const factor = Math.max(1, base);
  return (retry, _error, random) => {
    const delay = Math.min(max, factor * 2 ** retry);
    return jitter ? Math.floor(random() * (Math.floor(delay) + 1)) : delay;
  };
}

/** Celery's `default_retry_delay`: the same delay each time, in seconds. */
export function fixed(seconds: number): Backoff {
  return () => seconds;
}

/**
 * The delay in seconds before retry `retry`. An error that carries `retryAfterSeconds` (a provider's `Retry-After`)
 * wins over the formula. Never negative, never over a day.
 */
export function nextDelay(backoff: Backoff, retry: number, error: unknown, random: () => number): number {
  const asked = retryAfterOf(error);
  return Math.min(86_400, Math.max(0, asked ?? backoff(retry, error, random)));
}

function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterSeconds' in error)) return undefined;
  const { retryAfterSeconds } = error;
  return typeof retryAfterSeconds === 'number' && Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : undefined;
}
