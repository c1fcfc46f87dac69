// The HTTP API: middleware, one line per resource, one error handler, the OpenAPI document.
import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import type { HttpEnv, HttpServices } from './env.ts';
import { onError, problem } from './problem.ts';
import { dashboard } from './routes/dashboard.ts';
import { definitions } from './routes/definitions.ts';
import { documents } from './routes/documents.ts';
import { files } from './routes/files.ts';
import { healthRoutes } from './routes/health.ts';
import { images } from './routes/images.ts';
import { keys } from './routes/keys.ts';
import { live } from './routes/live.ts';
import { mailbox } from './routes/mailbox.ts';
import { metrics } from './routes/metrics.ts';
import { queues } from './routes/queues.ts';
import { schedules } from './routes/schedules.ts';
import { session } from './routes/session.ts';
import { stats } from './routes/stats.ts';
import { suppressions } from './routes/suppressions.ts';
import { taskEvents } from './routes/task-events.ts';
import { tasks } from './routes/tasks.ts';
import { tasksBulk } from './routes/tasks-bulk.ts';
import { uploads } from './routes/uploads.ts';
import { users } from './routes/users.ts';
import { webhooks } from './routes/webhooks.ts';
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
    .route('/', tasksBulk)
    .route('/', taskEvents)
    .route('/', workflows)
    .route('/', schedules)
    .route('/', queues)
    .route('/', stats)
    .route('/', live)
    .route('/', metrics)
    .route('/', users)
    .route('/', uploads)
    .route('/', documents)
    .route('/', files)
    .route('/', images)
    .route('/', mailbox)
    .route('/', suppressions)
    .route('/', webhooks)
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
