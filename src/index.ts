// The Worker: requests, deliveries, the minute's sweep. Wiring only; nobody imports it.
import { env, waitUntil } from 'cloudflare:workers';
import { queuesOf, readConfig } from './config.ts';
import {
  consoleLogger,
  createRegistry,
  type Engine,
  handleDelivery,
  sweep,
  systemClock,
  useEngine,
} from './engine/index.ts';
import { createFiles } from './files/index.ts';
import { createPayloads } from './files/payloads.ts';
import type { App } from './http/app.ts';
import { createMailer } from './mail/index.ts';
import { allTasks } from './tasks/index.ts';

export { Limiter } from './live/limiter.ts';

const config = readConfig(env);
const files = createFiles(env.FILES);

const engine: Engine = {
  db: env.DB,
  queues: queuesOf(env),
  payloads: createPayloads(env.FILES),
  registry: createRegistry(allTasks({ demo: config.DEMO_TASKS === 'on' })),
  services: { files, mailer: createMailer(env.DB, config, systemClock.now) },
  settings: config.engine,
  clock: systemClock,
  logger: consoleLogger,
  random: Math.random,
  defer: waitUntil,
};
useEngine(engine);

/** Loaded with the first request: consumers and the sweep start without the HTTP API and its schemas. */
let app: Promise<App> | undefined;

async function loadApp(): Promise<App> {
  const { createApp } = await import('./http/app.ts');
  const { DB: db, LIMITER: limiters, ASSETS: assets } = env;
  const allow = (name: string, limit: number) => limiters.getByName(name).take(limit, systemClock.now());
  const shell = () => assets.fetch('https://assets/index.html');
  return createApp({ engine, db, files, settings: config, allow, shell });
}

export default {
  async fetch(request, bindings, ctx) {
    app ??= loadApp();
    return (await app).fetch(request, bindings, ctx);
  },
  queue: (batch) => handleDelivery(engine, batch),
  async scheduled() {
    await sweep(engine);
  },
} satisfies ExportedHandler<Cloudflare.Env>;
