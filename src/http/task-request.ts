// What a caller may ask for on the wire, and its translation into the engine's words. The limits are the engine's own.
import { z } from '@hono/zod-openapi';
import { type AnyDefinition, type Engine, EngineError, EnqueueOptions, type EnqueueRequest } from '../engine/manage.ts';
import { callbackFault } from '../tasks/index.ts';
import type { HttpContext } from './env.ts';
import { HttpProblem } from './problem.ts';

const limits = EnqueueOptions.shape;
const unique = limits.unique.unwrap().shape;
const instant = z.iso.datetime({ offset: true });

export const OptionsJson = z
  .strictObject({
    queue: limits.queue,
    priority: limits.priority,
    countdown: limits.countdown.describe('Seconds from now'),
    eta: instant.optional().describe('Not before; wins over `countdown`'),
    expires: z
      .union([instant, z.number().min(0)])
      .optional()
      .describe('Seconds from now, or an instant'),
    idempotency_key: limits.idempotencyKey,
    unique: z
      .strictObject({
        key: unique.key,
        for: unique.forSeconds.describe('Seconds'),
        until: unique.until,
        on_conflict: unique.onConflict,
      })
      .optional()
      .describe("Work that shall not be enqueued twice; instead of the task's own rule"),
    unique_for: unique.forSeconds.optional().describe('Short for `unique: { "for": … }`'),
    callback_url: limits.callbackUrl.describe('Gets a signed POST when the task is final'),
    max_retries: limits.maxRetries,
    tags: limits.tags,
  })
  .openapi('TaskOptions');

export const TaskRequest = z
  .strictObject({
    name: z.string().min(1).max(200),
    input: z.unknown().optional().describe("What the task's input schema accepts; default {}"),
    options: OptionsJson.optional(),
  })
  .openapi('TaskRequest');

export const SingleTaskRequest = TaskRequest.extend({
  options: OptionsJson.extend({
    background: z.boolean().optional().openapi({
      description: 'Start in this very invocation, after the reply; the queue takes over if it does not finish',
    }),
  }).optional(),
}).openapi('SingleTaskRequest');

/** Throws EngineError `unknown_task`, naming the nearest names. */
export function requireDefinition(engine: Engine, name: string): AnyDefinition {
  const definition = engine.registry.get(name);
  if (definition) return definition;
  throw new EngineError('unknown_task', unknownTask(engine, name));
}

/** A sentence for a name nobody registered. */
export function unknownTask(engine: Engine, name: string): string {
  const near = engine.registry.nearest(name);
  const hint = near.length > 0 ? `; did you mean ${near.map((other) => `"${other}"`).join(' or ')}?` : '';
  return `no task is named "${name}"${hint}`;
}

export function toRequest(definition: AnyDefinition, { input, options }: z.infer<typeof TaskRequest>): EnqueueRequest {
  return { definition, input: input ?? {}, ...(options && { options: toOptions(options) }) };
}

/** The engine's words for the wire's. */
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

/** Throws HttpProblem `callbacks_disabled`, or `invalid_request` naming the URLs that nothing may be sent to. */
export function checkCallbacks(c: HttpContext, urls: readonly { path: string; url: string | undefined }[]): void {
  const { WEBHOOK_SECRET, WEBHOOK_ALLOW_PRIVATE } = c.var.services.settings;
  const given = urls.flatMap(({ path, url }) => (url === undefined ? [] : [{ path, url }]));
  if (given.length === 0) return;
  if (!WEBHOOK_SECRET) throw new HttpProblem('callbacks_disabled', { detail: 'WEBHOOK_SECRET is not set' });
  const issues = given.flatMap(({ path, url }) => {
    const fault = callbackFault(url, WEBHOOK_ALLOW_PRIVATE === 'on');
    return fault ? [{ path, message: fault }] : [];
  });
  if (issues.length > 0) throw new HttpProblem('invalid_request', { issues: issues.slice(0, 100) });
}
