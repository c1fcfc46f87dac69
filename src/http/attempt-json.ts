// An attempt on the wire.
import { z } from '@hono/zod-openapi';
import { type Attempt, costOf, REASON_CODES } from '../engine/manage.ts';
import { iso, isoInstant, isoOrNull } from './iso.ts';
import { TaskErrorJson, VersionJson, versionJson } from './task-json.ts';

export const AttemptJson = z
  .object({
    number: z.int(),
    outcome: z.enum(['STARTED', 'SUCCESS', 'FAILURE', 'RETRY', 'REVOKED', 'SNOOZED', 'CRASHED']),
    started_at: isoInstant,
    finished_at: isoInstant.nullable(),
    error: TaskErrorJson.extend({ traceback: z.string().optional() }).nullable(),
    reason: z
      .object({
        code: z.enum(REASON_CODES),
        of: z
          .string()
          .nullable()
          .describe(
            'The dependency, the definition, the concurrency key, the queue, the step, or the type and key of the event',
          ),
        message: z.string(),
      })
      .nullable()
      .describe(
        'Why a snoozed attempt did not go on. Of an attempt that failed for good or was revoked while it ran: `undo`, the undos of its steps follow. Of the attempt that ran the last of them: `undone`',
      ),
    version: VersionJson,
    batch: z
      .object({ id: z.string(), tasks: z.int().describe('How many tasks the call ran') })
      .nullable()
      .describe('The call of a batch handler in which it ran. Not known of a running attempt'),
    logs: z.array(
      z.object({ at: isoInstant, message: z.string(), fields: z.record(z.string(), z.unknown()).optional() }),
    ),
  })
  .openapi('Attempt');

/** Estimates the cost of the attempts in US dollars, enqueueing included; 0 without any. An attempt that still runs counts until `now` (epoch milliseconds). */
export function costOfAttempts(attempts: readonly Attempt[], now: number): number {
  const runtimeMs = attempts.reduce(
    (sum, { startedAt, finishedAt = now }) => sum + Math.max(0, finishedAt - startedAt),
    0,
  );
  const again = Math.max(0, attempts.length - 1);
  return costOf({ firstAttempts: Math.min(1, attempts.length), attempts: attempts.length, retried: again, runtimeMs });
}

export function attemptJson(attempt: Attempt): z.infer<typeof AttemptJson> {
  return {
    number: attempt.number,
    outcome: attempt.outcome,
    started_at: iso(attempt.startedAt),
    finished_at: isoOrNull(attempt.finishedAt),
    error: attempt.error ?? null,
    reason: attempt.reason ? { ...attempt.reason, of: attempt.reason.of ?? null } : null,
    version: versionJson(attempt.version),
    batch: attempt.batch ?? null,
    logs: attempt.logs.map(({ at, ...line }) => ({ at: iso(at), ...line })),
  };
}
