// A task as a caller asks for it, and its translation into the engine's words. The engine's schemas set the limits.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, type Engine, EngineError, EnqueueOptions, type EnqueueRequest } from '../engine/manage.ts';
import { callbackFault } from '../tasks/index.ts';
import type { HttpContext } from './env.ts';
import { givenInstant } from './iso.ts';
import { HttpProblem, type ProblemCode } from './problem.ts';
import { strictObject } from './strict-object.ts';

const limits = EnqueueOptions().shape;
const unique = limits.unique.unwrap().shape;
/** Faults that one refusal lists. */
export const MAX_ISSUES = 100;
/** The largest input, 25 MB, and the rest of the request. */
export const MAX_TASKS_BODY_BYTES = 26_000_000;

/** The codes with which every route that enqueues tasks by name refuses. */
export const ENQUEUE_REFUSALS = [
  'invalid_options',
  'callbacks_disabled',
  'invalid_input',
  'input_too_large',
  'idempotency_conflict',
  'unique_conflict',
  'backlog_full',
] as const satisfies readonly ProblemCode[];

export const OptionsJson = strictObject({
  queue: limits.queue,
  priority: limits.priority,
  countdown: limits.countdown.describe('Seconds from now'),
  eta: givenInstant.optional().describe('The task does not start before this instant; wins over `countdown`'),
  expires: z
    .union([givenInstant, z.number().min(0)])
    .optional()
    .describe('Seconds from now, or an instant'),
  idempotency_key: limits.idempotencyKey,
  unique: strictObject({
    key: unique.key,
    for: unique.forSeconds.describe('Seconds'),
    until: unique.until,
    on_conflict: unique.onConflict,
  })
    .optional()
    .describe("Keeps the same work from being enqueued twice; replaces the definition's own rule"),
  unique_for: unique.forSeconds.optional().describe('Short for `unique: { "for": … }`'),
  callback_url: limits.callbackUrl.describe('Receives a signed POST when the task is final'),
  max_retries: limits.maxRetries,
  tags: limits.tags,
}).openapi('TaskOptions');

/** For callers who know Celery. */
const ARGUMENTS = 'Write the arguments as one object: `input`.';
const INSTEAD = { task: 'Write `name`, not `task`.', args: ARGUMENTS, kwargs: ARGUMENTS };

/** The name of a task in a request. */
export const taskName = z
  .string({ error: 'The name of a task is needed, such as "email.send". GET /definitions lists the names.' })
  .min(1)
  .max(200);

export const TaskRequest = strictObject(
  {
    name: taskName,
    input: z.unknown().optional().describe("What the task's input schema accepts; default {}"),
    options: OptionsJson.optional(),
  },
  INSTEAD,
).openapi('TaskRequest');

/** Not made with extend(): the document would then refuse every body, because each half of its allOf refuses the other's fields. */
export const SingleTaskRequest = strictObject(
  {
    ...TaskRequest.shape,
    options: strictObject({
      ...OptionsJson.shape,
      background: z.boolean().optional().openapi({
        description:
          'Starts in the invocation that answers, after the reply. If it does not finish there, it runs again from its queue. Default: what the definition says.',
      }),
    }).optional(),
  },
  INSTEAD,
).openapi('SingleTaskRequest');

/** Throws EngineError `unknown_task`, naming the nearest names. */
export function requireDefinition(engine: Engine, name: string): AnyDefinition {
  const definition = engine.registry.get(name);
  if (definition) return definition;
  throw new EngineError('unknown_task', unknownTask(engine, name));
}

/** Says that no definition has this name, and names the nearest ones. */
export function unknownTask(engine: Engine, name: string): string {
  const near = engine.registry.nearest(name);
  const names = near.map((other) => `"${other}"`).join(' or ');
  const hint = near.length > 0 ? `Did you mean ${names}?` : 'GET /definitions lists the names.';
  return `No task is named "${name}". ${hint}`;
}

export function toRequest(definition: AnyDefinition, { input, options }: z.infer<typeof TaskRequest>): EnqueueRequest {
  return { definition, input: input ?? {}, ...(options && { options: toOptions(options) }) };
}

/** The options in the engine's words. */
export function toOptions(options: z.infer<typeof OptionsJson>): EnqueueOptions {
  const { eta, expires, idempotency_key, unique, unique_for, callback_url, max_retries, ...same } = options;
  const { queue, priority, countdown, tags } = same;
  return {
    queue,
    priority,
    countdown,
    tags,
    eta: eta === undefined ? undefined : new Date(eta),
    expires: typeof expires === 'string' ? new Date(expires) : expires,
    idempotencyKey: idempotency_key,
    unique: unique ? uniqueRule(unique) : unique_for === undefined ? undefined : { forSeconds: unique_for },
    callbackUrl: callback_url,
    maxRetries: max_retries,
  };
}

function uniqueRule({ for: forSeconds, on_conflict, ...same }: NonNullable<z.infer<typeof OptionsJson>['unique']>) {
  return { ...same, forSeconds, onConflict: on_conflict };
}

/** Throws HttpProblem `callbacks_disabled`, or `invalid_request` with the URLs that are not allowed. */
export function checkCallbacks(c: HttpContext, urls: readonly { path: string; url: string | undefined }[]): void {
  const { WEBHOOK_SECRET, WEBHOOK_ALLOW_PRIVATE } = c.var.services.settings;
  const given = urls.flatMap(({ path, url }) => (url === undefined ? [] : [{ path, url }]));
  if (given.length === 0) return;
  if (!WEBHOOK_SECRET) {
    const detail = 'WEBHOOK_SECRET is not set, so callbacks cannot be signed. The operator must set it.';
    throw new HttpProblem('callbacks_disabled', { detail });
  }
  const issues = given.flatMap(({ path, url }) => {
    const fault = callbackFault(url, WEBHOOK_ALLOW_PRIVATE === 'on');
    return fault ? [{ path, message: fault }] : [];
  });
  if (issues.length > 0) throw new HttpProblem('invalid_request', { issues: issues.slice(0, MAX_ISSUES) });
}
