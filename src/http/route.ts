// How a route is declared: its path, its schemas, who may call it, how large its body may be. Validation, the OpenAPI document
// and the test of authorisation all come from this declaration.
import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import type { Scope } from '../access/index.ts';
import { issuesOf } from '../engine/manage.ts';
import type { HttpContext, HttpEnv } from './env.ts';
import { refuseIdempotencyKey } from './idempotency.ts';
import { authorize } from './middleware/authorize.ts';
import { isJson, refuseDeepJson } from './middleware/refuse-deep-json.ts';
import { refuseUnsafeIntegers } from './middleware/refuse-unsafe-integers.ts';
import { HttpProblem, PROBLEMS, type ProblemCode, problem, RequestCancelled } from './problem.ts';

/** The scope that a caller needs. `open`: none, not even an API key. */
export type RouteAccess = Scope | 'open';

const DEFAULT_BODY_BYTES = 65_536;
const MAX_ISSUES = 100;

/**
 * createRoute() with the scope, the body limit (bytes, default 64 KiB) and the problem responses filled in. `refuses`: the codes
 * of refusals that only this route makes; those that follow from its access, parameters and body are added. `refusesKey`: the
 * route refuses an idempotency key; the sentence says what the caller can do. `isWhole`: a list without filters and pages, which
 * refuses every query parameter.
 */
export function route<const Path extends string, const Config extends Omit<RouteConfig, 'path'>>(
  config: Config & {
    path: Path;
    access: RouteAccess;
    maxBodyBytes?: number;
    refuses?: readonly ProblemCode[];
    refusesKey?: string;
    isWhole?: boolean;
  },
) {
  const { access, maxBodyBytes = DEFAULT_BODY_BYTES, refuses = [], refusesKey, isWhole, ...rest } = config;
  // A route without a declared body reads it as text: a webhook, whose numbers are not kept.
  const readsBody = rest.request?.body !== undefined;
  const limits = [
    ...(refusesKey === undefined ? [] : [refuseIdempotencyKey(refusesKey)]),
    ...(isWhole ? [refuseQuery] : []),
    ...[limitBody(maxBodyBytes), refuseDeepJson, ...(readsBody ? [refuseUnsafeIntegers] : [])],
  ];
  const middleware = access === 'open' ? limits : [authorize(access), ...limits];
  return createRoute({
    ...(rest as Config & { path: Path }),
    middleware,
    security: access === 'open' ? [] : [{ key: [access] }],
    responses: {
      ...refusalsOf([
        ...usualRefusals(config.method, config.request, access),
        ...(isWhole ? (['invalid_request'] as const) : []),
        ...refuses,
      ]),
      ...(rest.responses as Config['responses']),
      default: PROBLEM_RESPONSE,
    },
  });
}

/** Throws HttpProblem `invalid_request`: a misspelt or missing filter must not list everything. */
const refuseQuery = createMiddleware<HttpEnv>(async (c, next) => {
  const names = Object.keys(c.req.query());
  const issues = names.map((path) => ({
    path,
    message: `There is no field "${path}" here. This list is always whole.`,
  }));
  if (issues.length > 0) throw new HttpProblem('invalid_request', { issues: issues.slice(0, MAX_ISSUES) });
  await next();
});

/** The codes with which a route refuses because of its access, its parameters and its body. */
function usualRefusals(method: string, request: RouteConfig['request'], access: RouteAccess): ProblemCode[] {
  const when = (holds: unknown, ...codes: ProblemCode[]) => (holds ? codes : []);
  return [
    ...when(access !== 'open', 'unauthorized', 'forbidden', 'rate_limited'),
    ...when(request?.params, 'not_found'),
    ...when(request?.query || request?.headers || method !== 'get', 'invalid_request'),
    ...when(method !== 'get', 'body_too_large'),
    ...when(request?.body, 'invalid_json', 'unsupported_media_type', 'unsafe_integer'),
  ];
}

/** A response for each status of these codes. Its description has the titles of the codes. */
function refusalsOf(codes: readonly ProblemCode[]): object {
  const byStatus = Map.groupBy(new Set(codes), (code) => PROBLEMS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => {
      const description = same.map((code) => `${PROBLEMS[code].title} (\`${code}\`)`).join('; ');
      return [status, { ...PROBLEM_RESPONSE, description }];
    }),
  );
}

/**
 * Reads the whole body; the handler reads it again from Hono's cache. Refuses a body of more than `maxBytes`: `body_too_large`.
 * Throws RequestCancelled.
 */
export function limitBody(maxBytes = DEFAULT_BODY_BYTES) {
  const limit = bodyLimit({
    maxSize: maxBytes,
    onError: (c) => problem(c as HttpContext, 'body_too_large', { detail: tooLarge(maxBytes) }),
  });
  return createMiddleware<HttpEnv>(async (c, next) => {
    let received = false;
    const goOn = async () => {
      await readBody(c);
      received = true;
      await next();
    };
    try {
      return await limit(c, goOn);
    } catch (error) {
      // Until the body is received, only the client can break it.
      throw received ? error : new RequestCancelled('The body did not arrive.', { cause: error });
    }
  });
}

async function readBody(c: HttpContext): Promise<void> {
  if (!c.req.raw.body) return;
  if (isJson(c)) await c.req.text();
  else await c.req.arrayBuffer();
}

/** The detail of `body_too_large`. */
export function tooLarge(maxBytes: number): string {
  return `The body has more than ${maxBytes} bytes, the most that this route takes.`;
}

/**
 * An app for the routes of one resource. A path that no resource can have is 404; any other part of a request that
 * does not fit the schemas is 422, and each issue names its path.
 */
export function resource() {
  return new OpenAPIHono<HttpEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      // An id or a name that cannot exist does not exist.
      if (result.target === 'param') return problem(c, 'not_found');
      return problem(c, 'invalid_request', { issues: issuesOf(result.error).slice(0, MAX_ISSUES) });
    },
  });
}

/** Puts a route into the OpenAPI document whose handler is added by hand. */
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
  description: 'Any other refusal (RFC 9457), such as 503 while the database is unavailable',
  content: { 'application/problem+json': { schema: Problem } },
};
