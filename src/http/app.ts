// The HTTP API: middleware, one line per resource, one error handler, the OpenAPI document. A route's file is named after the
// first part of its path.
import { OpenAPIHono } from '@hono/zod-openapi';
import { requestId } from 'hono/request-id';
import { createAccess } from '../access/index.ts';
import type { HttpEnv, HttpServices } from './env.ts';
import { onError, problem } from './problem.ts';
import { approvals } from './routes/approvals.ts';
import { batchImages } from './routes/batch-images.ts';
import { dashboard } from './routes/dashboard.ts';
import { definitions } from './routes/definitions.ts';
import { documents } from './routes/documents.ts';
import { events } from './routes/events.ts';
import { files } from './routes/files.ts';
import { health } from './routes/health.ts';
import { keys } from './routes/keys.ts';
import { live } from './routes/live.ts';
import { mailbox } from './routes/mailbox.ts';
import { metrics } from './routes/metrics.ts';
import { processing } from './routes/process.ts';
import { queues } from './routes/queues.ts';
import { schedules } from './routes/schedules.ts';
import { schedulesBackfill } from './routes/schedules-backfill.ts';
import { session } from './routes/session.ts';
import { stats } from './routes/stats.ts';
import { steps } from './routes/steps.ts';
import { suppressions } from './routes/suppressions.ts';
import { task } from './routes/task.ts';
import { taskEvents } from './routes/task-events.ts';
import { tasks } from './routes/tasks.ts';
import { tasksBatch } from './routes/tasks-batch.ts';
import { tasksBulk } from './routes/tasks-bulk.ts';
import { unsubscriptions } from './routes/unsubscribe.ts';
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
  const access = createAccess(services.db, () => services.engine.clock.now());
  app.use(requestId());
  app.use(async (c, next) => {
    c.set('services', services);
    c.set('access', access);
    await next();
    c.header('x-content-type-options', 'nosniff');
    // A reply may hold inputs, results and addresses: no cache may keep it, unless the route says so.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    if (new URL(c.req.url).protocol === 'https:') c.header('strict-transport-security', 'max-age=31536000');
  });
  app.use((_, next) => next().catch(asError));
  app.onError(onError);
  app.notFound((c) =>
    problem(c, 'not_found', { detail: 'No route has this method and path. /openapi.json lists the routes.' }),
  );
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.get('/openapi.json', (c) =>
    c.json(app.getOpenAPI31Document({ ...DOCUMENT, servers: [{ url: new URL(c.req.url).origin }] })),
  );
  app.route('/', dashboard);
  return app
    .route('/', tasks)
    .route('/', tasksBatch)
    .route('/', tasksBulk)
    .route('/', task)
    .route('/', taskEvents)
    .route('/', steps)
    .route('/', approvals)
    .route('/', events)
    .route('/', workflows)
    .route('/', processing)
    .route('/', schedules)
    .route('/', schedulesBackfill)
    .route('/', queues)
    .route('/', stats)
    .route('/', live)
    .route('/', metrics)
    .route('/', users)
    .route('/', uploads)
    .route('/', documents)
    .route('/', files)
    .route('/', batchImages)
    .route('/', mailbox)
    .route('/', suppressions)
    .route('/', unsubscriptions)
    .route('/', webhooks)
    .route('/', definitions)
    .route('/', session)
    .route('/', keys)
    .route('/', health);
}

/** Hono calls onError only for values that are an Error. */
function asError(thrown: unknown): never {
  throw thrown instanceof Error ? thrown : new Error('A value that is no Error was thrown.', { cause: thrown });
}

/** For the typed client, `hc<App>()`. */
export type App = ReturnType<typeof createApp>;
