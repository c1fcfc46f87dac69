// The HTTP API: middleware, one line per resource, one error handler, the OpenAPI document.
import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import type { HttpEnv, HttpServices } from './env.ts';
import { onError, problem } from './problem.ts';
import { dashboard } from './routes/dashboard.ts';
import { definitions } from './routes/definitions.ts';
import { files } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { keys } from './routes/keys.ts';
import { mailbox } from './routes/mailbox.ts';
import { session } from './routes/session.ts';
import { tasks } from './routes/tasks.ts';
import { uploads } from './routes/uploads.ts';
import { users } from './routes/users.ts';
import { workflows } from './routes/workflows.ts';

const DOCUMENT = {
  openapi: '3.1.0',
  info: {
    title: 'Errand',
    version: '0.1.0',
    description: 'Background tasks at the edge: durable tasks, mail and images on Cloudflare Workers, Queues and D1.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
};

/** The app that serves requests with these services. */
export function createApp(services: HttpServices) {
  const app = new OpenAPIHono<HttpEnv>();
  app.use(requestId());
  app.use(async (c, next) => {
    c.set('services', services);
    await next();
    c.header('x-content-type-options', 'nosniff');
  });
  app.use((_, next) => next().catch(asError));
  app.onError(onError);
  app.notFound((c) => problem(c, 'not_found', { detail: 'see /openapi.json for what there is' }));
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) =>
    c.json(app.getOpenAPI31Document({ ...DOCUMENT, servers: [{ url: new URL(c.req.url).origin }] })),
  );
  app.route('/', dashboard);
  return app
    .route('/', tasks)
    .route('/', workflows)
    .route('/', users)
    .route('/', uploads)
    .route('/', files)
    .route('/', mailbox)
    .route('/', definitions)
    .route('/', session)
    .route('/', keys)
    .route('/', healthRoutes);
}

/** Hono brings only what is an Error to onError. */
function asError(thrown: unknown): never {
  throw thrown instanceof Error ? thrown : new Error('something was thrown that is no Error', { cause: thrown });
}

/** For the typed client, `hc<App>()`. */
export type App = ReturnType<typeof createApp>;
