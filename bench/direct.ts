// A build of the Worker, without the proxies of `wrangler dev`: node bench/direct.ts <wrangler.toml> <folder of the build> <state> <port>.
// The state is a folder as `wrangler dev --persist-to` writes it, with a migrated database. The port on 127.0.0.1
// ends in the Worker itself. Runs until it is stopped.
import { join, resolve } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { modulesOf } from './modules.ts';

const [config = '', build = '', state = '', port = '0'] = process.argv.slice(2);

const { workerOptions } = unstable_getMiniflareWorkerOptions(resolve(config));
const secret = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(24))).toString('base64')}`;
const vars = { AUTH: 'open', DEMO_TASKS: 'on', LINK_SECRET: secret, WEBHOOK_SECRET: secret };
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...workerOptions,
    bindings: { ...(workerOptions as { bindings?: object }).bindings, ...vars },
    modulesRoot: '/',
    modules: modulesOf(build),
    resourcePersistencePath: join(resolve(state), 'v3'),
    unsafeDirectSockets: [{ host: '127.0.0.1', port: Number(port) }],
  } as Parameters<typeof convertV4MiniflareOptions>[0]),
);
console.log(`Ready on ${await miniflare.unsafeGetDirectURL()}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void miniflare.dispose().finally(() => process.exit(0)));
}
