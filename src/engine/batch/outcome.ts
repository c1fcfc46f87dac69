// What a batch handler says about each of its tasks. Outcomes belong to inputs by their position, so a list of another length
// says nothing about any of them.
import { z } from 'zod';
import { lazy } from '../../lazy.ts';
import { PermanentFailure, RetryRequest, Snooze } from '../control.ts';

/** How one task of a batch ends. */
export type BatchOutcome<Result> =
  /** SUCCESS, with this result. */
  | { result: Result }
  /** As if a handler of this task alone had thrown the error: retried by policy, FAILURE for a PermanentFailure. */
  | { error: unknown }
  /** Uses up a retry, as `ctx.retry()` does. Without `in` (seconds) the policy's backoff decides. */
  | { retry: { in?: number } }
  /** Runs again in `for` seconds without using up a retry, as `ctx.snooze()` does. */
  | { snooze: { for: number; reason?: string } };

/** Gives the result of a task, or throws what ends its attempt. */
export type Settle = () => unknown;

const KINDS = ['result', 'error', 'retry', 'snooze'];
const Retry = lazy(() => z.strictObject({ in: z.number().min(0).optional() }));
const Snoozing = lazy(() => z.strictObject({ for: z.number().min(0), reason: z.string().optional() }));

/** One for each of `count` inputs. Throws a PermanentFailure, for all of them, if it is no list of that length. */
export function readOutcomes(name: string, returned: unknown, count: number): Settle[] {
  if (!Array.isArray(returned)) throw misfit(`${name}: runMany must return a list with one outcome for each input`);
  if (returned.length !== count)
    throw misfit(`${name}: runMany returned ${returned.length} outcomes for ${count} inputs, so no task was given one`);
  return Array.from(returned, (outcome: unknown, index) => () => settle(`${name}: outcome ${index}`, outcome));
}

function settle(which: string, outcome: unknown): unknown {
  const said = typeof outcome === 'object' && outcome !== null ? outcome : {};
  const kinds = KINDS.filter((kind) => kind in said);
  if (kinds.length !== 1)
    throw misfit(`${which} must be one of { result }, { error }, { retry: { in? } } and { snooze: { for, reason? } }`);
  if ('result' in said) return said.result;
  if ('error' in said) throw said.error;
  if ('retry' in said) throw new RetryRequest(read(which, 'retry', Retry(), said.retry).in);
  const { for: seconds, reason } = read(which, 'snooze', Snoozing(), 'snooze' in said ? said.snooze : undefined);
  throw new Snooze(seconds, reason);
}

function read<Schema extends z.ZodType>(which: string, kind: string, schema: Schema, value: unknown): z.output<Schema> {
  const { success, data, error } = schema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  throw misfit(`${which}: ${[kind, ...(issue?.path ?? [])].join('.')}: ${issue?.message}`);
}

/** Another attempt would return the same. */
function misfit(message: string): PermanentFailure {
  return new PermanentFailure(message, 'invalid_output');
}
