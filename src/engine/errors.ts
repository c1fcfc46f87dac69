// Refusals: errors that are part of the contract. Each has a code, a heading in docs/errors.md, and one line in
// http/problem.ts that maps it to the wire.
import type { z } from 'zod';

export type ErrorCode =
  | 'unknown_task'
  | 'invalid_input'
  | 'invalid_options'
  | 'input_too_large'
  | 'too_many_tasks'
  | 'task_not_found'
  | 'idempotency_conflict'
  | 'unique_conflict'
  | 'backlog_full'
  | 'task_is_final'
  | 'task_not_final'
  | 'task_in_workflow'
  | 'workflow_not_found'
  | 'workflow_is_final'
  | 'workflow_not_final'
  | 'workflow_not_failed'
  | 'queue_not_found'
  | 'invalid_schedule'
  | 'invalid_backfill'
  | 'schedule_exists'
  | 'schedule_not_found'
  | 'schedule_in_code'
  | 'invalid_cursor'
  | 'invalid_event'
  | 'event_conflict'
  | 'step_not_found'
  | 'approval_not_found'
  | 'approval_decided'
  | 'approval_expired'
  | 'store_unavailable';

/** A fault in one part of a request. `path` is dotted: `tasks.3.input.to`. */
export interface Issue {
  path: string;
  message: string;
}

/** The faults that a schema found, with paths under `prefix`. */
export function issuesOf(error: z.ZodError | undefined, ...prefix: (string | number)[]): Issue[] {
  return (error?.issues ?? []).map(({ path, message }) => ({
    path: [...prefix, ...path].filter((part) => part !== '').join('.'),
    message,
  }));
}

export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly issues: Issue[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
