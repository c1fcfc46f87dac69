// Turns errors into problem documents (RFC 9457). PROBLEMS has a line for every code; without one the code does not compile.
// The body of a 500 or 503 never says what went wrong: that goes to the log, with the request id.
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { EngineError, type ErrorCode, type Issue } from '../engine/manage.ts';
import type { HttpEnv } from './env.ts';

/** Codes of the refusals that HTTP makes; the engine has others. */
export type HttpErrorCode =
  | 'invalid_json'
  | 'unsafe_integer'
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'length_required'
  | 'digest_mismatch'
  | 'link_invalid'
  | 'link_expired'
  | 'links_disabled'
  | 'callbacks_disabled'
  | 'precondition_failed'
  | 'range_not_satisfiable'
  | 'upgrade_required'
  | 'feed_full'
  | 'too_many_streams'
  | 'limiter_unavailable'
  | 'rate_limited'
  | 'email_taken'
  | 'internal_error';

export type ProblemCode = ErrorCode | HttpErrorCode;

/** The status and the title of each code. docs/errors.md has a heading for each. */
export const PROBLEMS: Record<ProblemCode, { status: ProblemStatus; title: string }> = {
  unknown_task: { status: 404, title: 'No task has this name' },
  invalid_input: { status: 422, title: 'The input does not fit the task' },
  invalid_options: { status: 422, title: 'The options are not valid' },
  input_too_large: { status: 413, title: 'The input is too large' },
  too_many_tasks: { status: 422, title: 'Too many tasks in one call' },
  task_not_found: { status: 404, title: 'There is no such task' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another input' },
  unique_conflict: { status: 409, title: 'The same work is already enqueued' },
  backlog_full: { status: 429, title: 'The queue is full' },
  queue_not_found: { status: 404, title: 'There is no such queue' },
  invalid_schedule: { status: 422, title: 'The schedule is not valid' },
  invalid_backfill: { status: 422, title: 'The range of the backfill is not valid' },
  schedule_exists: { status: 409, title: 'The name of the schedule is taken' },
  schedule_not_found: { status: 404, title: 'There is no such schedule' },
  schedule_in_code: { status: 409, title: 'The schedule is defined in code' },
  task_is_final: { status: 409, title: 'The task is final' },
  task_not_final: { status: 409, title: 'The task is not final' },
  task_in_workflow: { status: 409, title: 'The task belongs to a workflow' },
  workflow_not_found: { status: 404, title: 'There is no such workflow' },
  workflow_is_final: { status: 409, title: 'The workflow is final' },
  workflow_not_final: { status: 409, title: 'The workflow is not final' },
  workflow_not_failed: { status: 409, title: 'Nothing in the workflow failed' },
  invalid_cursor: { status: 422, title: 'The cursor is not valid' },
  invalid_event: { status: 422, title: 'The event is not valid' },
  event_conflict: { status: 409, title: 'The id was used for another event' },
  step_not_found: { status: 404, title: 'The task has no such step' },
  approval_not_found: { status: 404, title: 'There is no such approval' },
  approval_decided: { status: 409, title: 'The approval is decided' },
  approval_expired: { status: 410, title: 'The approval has expired' },
  store_unavailable: { status: 503, title: 'The database is unavailable' },
  invalid_json: { status: 400, title: 'The body is not valid JSON' },
  unsafe_integer: { status: 422, title: 'A JSON number does not keep this integer' },
  invalid_request: { status: 422, title: 'The request is not valid' },
  unauthorized: { status: 401, title: 'A valid API key is needed' },
  forbidden: { status: 403, title: 'The API key does not allow this' },
  not_found: { status: 404, title: 'There is nothing at this address' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The media type is not supported' },
  length_required: { status: 411, title: 'The length of the body is needed' },
  digest_mismatch: { status: 422, title: 'The body does not have this digest' },
  link_invalid: { status: 403, title: 'The link is not valid' },
  link_expired: { status: 403, title: 'The link has expired' },
  links_disabled: { status: 501, title: 'Links cannot be signed' },
  callbacks_disabled: { status: 501, title: 'Callbacks are not set up' },
  precondition_failed: { status: 412, title: 'The precondition does not hold' },
  range_not_satisfiable: { status: 416, title: 'The range cannot be served' },
  upgrade_required: { status: 426, title: 'A WebSocket is expected' },
  feed_full: { status: 503, title: 'The live feed is full' },
  too_many_streams: { status: 503, title: 'Too many streams are open' },
  limiter_unavailable: { status: 503, title: 'The rate limiter is unavailable' },
  rate_limited: { status: 429, title: 'Too many requests' },
  email_taken: { status: 409, title: 'The address is registered already' },
  internal_error: { status: 500, title: 'The server made an error' },
};

type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 409
  | 410
  | 411
  | 412
  | 413
  | 415
  | 416
  | 422
  | 426
  | 429
  | 500
  | 501
  | 503;

/** `Retry-After` while the database is unavailable. */
const UNAVAILABLE_SECONDS = 5;

/** `Retry-After` while a queue is full. */
const BACKLOG_SECONDS = 10;

export interface ProblemDetails {
  detail?: string;
  issues?: Issue[];
  /** Sent as Retry-After. */
  retryAfterSeconds?: number;
}

/** A refusal that HTTP makes. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';

  constructor(
    readonly code: HttpErrorCode,
    readonly details: ProblemDetails = {},
  ) {
    super(details.detail ?? PROBLEMS[code].title);
  }
}

/** The client disconnected before its whole body had arrived. */
export class RequestCancelled extends Error {
  override readonly name = 'RequestCancelled';
}

/** The status that nginx logs for a request that its client has cancelled. No client receives it. */
const CANCELLED_STATUS = 499;

/** The response that says why a request was refused. */
export function problem(c: Context<HttpEnv>, code: ProblemCode, details: ProblemDetails = {}): Response {
  const { status, title } = PROBLEMS[code];
  const { detail, issues = [], retryAfterSeconds } = details;
  const body = {
    type: `https://github.com/errand-dev/errand/blob/main/docs/errors.md#${code}`,
    title,
    status,
    ...(detail !== undefined && { detail }),
    instance: c.req.path,
    code,
    request_id: c.get('requestId'),
    ...(issues.length > 0 && { errors: issues }),
  };
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  if (status === 426) headers.upgrade = 'websocket';
  return c.body(JSON.stringify(body), status, headers);
}

/** The app's one error handler. */
export function onError(error: Error, c: Context<HttpEnv>): Response {
  if (error instanceof RequestCancelled) return noteCancelled(c);
  if (error instanceof HttpProblem) return problem(c, error.code, error.details);
  if (error instanceof EngineError && error.code !== 'store_unavailable') {
    const wait = error.code === 'backlog_full' && { retryAfterSeconds: BACKLOG_SECONDS };
    return problem(c, error.code, { detail: error.message, issues: error.issues, ...wait });
  }
  if (error instanceof HTTPException) {
    if (error.status === 400)
      return problem(c, 'invalid_json', {
        detail: 'The body is not what its content type says. Send valid JSON, or a valid form.',
      });
    if (error.status === 413) return problem(c, 'body_too_large');
    if (error.status === 415)
      return problem(c, 'unsupported_media_type', {
        detail: 'This route does not take this content type. /openapi.json lists the types it takes.',
      });
  }
  c.var.services?.engine.logger.error('request failed', {
    request_id: c.get('requestId'),
    method: c.req.method,
    path: c.req.path,
    error,
  });
  if (error instanceof EngineError || isD1Error(error)) {
    return problem(c, 'store_unavailable', { retryAfterSeconds: UNAVAILABLE_SECONDS });
  }
  return problem(c, 'internal_error');
}

function noteCancelled(c: Context<HttpEnv>): Response {
  c.var.services.engine.logger.info('the client cancelled the request', {
    request_id: c.get('requestId'),
    method: c.req.method,
    path: c.req.path,
    status: CANCELLED_STATUS,
  });
  return new Response(null, { status: CANCELLED_STATUS });
}

function isD1Error(error: Error): boolean {
  return error.message.startsWith('D1_');
}
