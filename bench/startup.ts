// The processor time of a Worker's start-up: node bench/startup.ts <folder of a build> <its wrangler.toml>. Prints the
// milliseconds of user and system time that workerd has taken, on all threads, from its start until the Worker has answered
// one request. Without a build it is an empty Worker with the same bindings: what is above it, the build has taken.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_getMiniflareWorkerOptions } from 'wrangler';
import { isEntry, modulesOf } from './modules.ts';

const [config = '', build] = process.argv.slice(2);
// The request is answered here, so that only code that every start runs is measured.
const ANSWER = `export default { fetch: () => new Response('started') };`;
const EMPTY = `import { DurableObject } from 'cloudflare:workers';
export class Limiter extends DurableObject {}
export class Feed extends DurableObject {}`;

const { workerOptions } = unstable_getMiniflareWorkerOptions(resolve(config));
const entry = { type: 'ESModule' as const, path: 'boot.js' };
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    ...workerOptions,
    modulesRoot: '/',
    modules: build
      ? [
          {
            ...entry,
            contents: `export * from './${readdirSync(build).find(isEntry)}';\n${ANSWER}`,
          },
          ...modulesOf(build),
        ]
      : [{ ...entry, contents: `${EMPTY}\n${ANSWER}` }],
  } as Parameters<typeof convertV4MiniflareOptions>[0]),
);
const reply = await miniflare.dispatchFetch('http://worker/');
if ((await reply.text()) !== 'started') throw new Error('The Worker has not started.');
console.log(processorMillis());
await miniflare.dispose();

/** Of all child processes of this one: of workerd. */
function processorMillis(): number {
  const children = readdirSync('/proc/self/task').flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  const threads = children.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`),
  );
  // The first number is the time on a processor, in nanoseconds.
  return threads.reduce(
    (sum, thread) => sum + Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6,
    0,
  );
}
