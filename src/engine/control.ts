// Errors that a task throws to steer its own attempt. `ctx.retry()`, `ctx.snooze()` and `ctx.fail()` throw these; code without a
// context may throw PermanentFailure itself.

/** Try again. Uses up a retry: after `max` retries the task is FAILURE. Without seconds, the policy's backoff decides. */
export class RetryRequest extends Error {
  override readonly name = 'RetryRequest';

  constructor(readonly retryAfterSeconds?: number) {
    super('the task asked to be retried');
  }
}

/** Run again later without using up a retry. `message` is kept with the attempt. */
export class Snooze extends Error {
  override readonly name = 'Snooze';
  /** The dependency whose circuit the task waits for. */
  readonly dependency?: string;

  constructor(
    readonly seconds: number,
    message = `snoozed for ${seconds} s`,
  ) {
    super(message);
  }
}

/** No retry can help: the task is FAILURE at once. `code` is kept in the task's error. */
export class PermanentFailure extends Error {
  override readonly name = 'PermanentFailure';

  constructor(
    message: string,
    readonly code = 'failed',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
