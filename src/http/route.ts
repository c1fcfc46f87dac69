// How routes are declared: a path, schemas, who may call, how large a body. From one declaration come validation, the
// OpenAPI document and the authorisation test.
import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { issuesOf } from '../engine/manage.ts';
import type { HttpContext, HttpEnv } from './env.ts';
import { authorize, type Scope } from './middleware/authorize.ts';
import { refuseDeepJson } from './middleware/refuse-deep-json.ts';
import { problem } from './problem.ts';

export type Access = Scope | 'open';

const DEFAULT_BODY_BYTES = 65_536;

/** createRoute() with the scope, the body limit (bytes, default 64 KiB) and the problem responses filled in. */
export function route<const Path extends string, const Config extends Omit<RouteConfig, 'path'>>(
  config: Config & { path: Path; access: Access; maxBodyBytes?: number },
) {
  const { access, maxBodyBytes = DEFAULT_BODY_BYTES, ...rest } = config;
  const limits = [limitBody(maxBodyBytes), refuseDeepJson];
  const middleware = access === 'open' ? limits : [authorize(access), ...limits];
  return createRoute({
    ...(rest as Config & { path: Path }),
    middleware,
    security: access === 'open' ? [] : [{ key: [access] }],
    responses: { ...(rest.responses as Config['responses']), default: PROBLEM_RESPONSE },
  });
}

/** Refuses a body of more than `maxBytes`. */
export function limitBody(maxBytes = DEFAULT_BODY_BYTES) {
  return bodyLimit({
    maxSize: maxBytes,
    onError: (c) => problem(c as HttpContext, 'body_too_large', { detail: `at most ${maxBytes} bytes` }),
  });
}

/** The content of a request or a response that is JSON. */
export const json = <Schema extends z.ZodType>(schema: Schema) => ({ content: { 'application/json': { schema } } });

/** An app for one resource's routes. What a schema refuses becomes a 422 that names each path. */
export function resource() {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      return problem(c, 'invalid_request', { issues: issuesOf(result.error).slice(0, 100) });
    },
  });
}

/** Puts a route into the document whose handler is added by hand. */
export function documentRoute(app: OpenAPIHono<HttpEnv>, { middleware: _, ...documented }: RouteConfig): void {
  app.openAPIRegistry.registerPath(documented);
}

const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    instance: z.string(),
    code: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

const PROBLEM_RESPONSE = {
  description: 'A refusal (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};
