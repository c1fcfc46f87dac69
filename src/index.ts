// The Worker: requests, deliveries, the sweep of every minute. Wiring only; no file imports it.
import { env, waitUntil } from 'cloudflare:workers';
import { readConfig } from './config.ts';
import {
  approvalLinks,
  circuitsOf,
  createQueueDoorbell,
  createRegistry,
  type Engine,
  handleDelivery,
  queueBindings,
  sweep,
  system,
  useEngine,
} from './engine/manage.ts';
import { createFiles } from './files/index.ts';
import { createPayloads } from './files/payloads.ts';
import { createImages } from './images/index.ts';
import { lazy } from './lazy.ts';
import { createLive } from './live/index.ts';
import { takeCloudflareEvents } from './mail/index.ts';
import { allTasks, createServices, hooks } from './tasks/index.ts';

export { Feed, Limiter } from './live/index.ts';

const { now } = system.clock;
const config = readConfig(env);
const files = createFiles(env.FILES);
const images = createImages(config.IMAGE_ENGINE, env.IMAGES);
const { allow, connect, ...live } = createLive(env);
const engine: Engine = {
  db: env.DB,
  doorbell: createQueueDoorbell(queueBindings(env)),
  payloads: createPayloads(env.FILES),
  ...system,
  ...live,
  ...approvalLinks(config),
  registry: createRegistry(allTasks({ demo: config.DEMO_TASKS === 'on' })),
  services: createServices(env, { mail: config, files, images, circuits: circuitsOf(() => engine), now }),
  taskSettings: config.taskSettings,
  settings: config.engine,
  hooks,
  defer: waitUntil,
};
useEngine(engine);
/** Loaded with the first request: deliveries and the sweep need neither the routes nor their schemas. */
const app = lazy(async () => {
  const { createApp } = await import('./http/app.ts');
  const shell = () => env.ASSETS.fetch('https://assets/index.html');
  return createApp({ engine, db: env.DB, files, settings: config, allow, connect, shell });
});

export default {
  fetch: async (request, bindings, ctx) => (await app()).fetch(request, bindings, ctx),
  queue: (batch) => takeCloudflareEvents(env.DB, batch, now()) ?? handleDelivery(engine, batch),
  scheduled: async () => void (await sweep(engine)),
} satisfies ExportedHandler<Cloudflare.Env>;
