// The processor time of a Worker's start-up: `workerd test` starts the Worker and ends as soon as a test of one empty line has
// run, so only what every start does is counted: reading all modules, compiling the WebAssembly, and running the code of the
// global scope. Processor time, unlike time on the clock, does not count the turns of other programs.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isEntry, modulesOf } from './modules.ts';
import { run, scratchFolder } from './processes.ts';

/** The path of the program itself; the `workerd` of npm is a script of Node that starts it. */
const { default: workerd } = createRequire(import.meta.url)('workerd') as { default: string };
const SECONDS = 60;
const BOOT = 'boot.js';
const TEST = 'export default { test() {} };';
const EMPTY = `import { DurableObject } from 'cloudflare:workers';
export class Limiter extends DurableObject {}
export class Feed extends DurableObject {}`;
/** Prints the seconds that workerd has taken, of user and of system, on all of its threads. What workerd prints is kept apart. */
const TIMED = `TIMEFORMAT='%3U %3S'; { time "$0" test "$1" >&3 2>&3; } 3>&2 2>&1`;
/** The fields of workerd's configuration, by the types of Miniflare. */
const FIELDS = { ESModule: 'esModule', CompiledWasm: 'wasm', Data: 'data' };

/** What is used of the options that wrangler makes of a wrangler.toml. */
interface WorkerOptions {
  compatibilityDate: string;
  compatibilityFlags: string[];
  bindings: Record<string, string>;
  versionMetadata?: string;
  assets?: { binding?: string };
  durableObjects: Record<string, { className: string }>;
  d1Databases: object;
  r2Buckets: object;
  queueProducers: object;
}

/**
 * Writes a configuration of workerd that starts the build of a project; without a build, an empty Worker with the same bindings.
 * Returns its path. The bindings lead nowhere: a start may look at them, and uses none.
 */
export async function startConfig(project: string, build?: string): Promise<string> {
  // wrangler takes seconds to load.
  const { unstable_getMiniflareWorkerOptions } = await import('wrangler');
  const { workerOptions } = unstable_getMiniflareWorkerOptions(join(project, 'wrangler.toml'));
  const folder = build ?? (await scratchFolder());
  const modules = build ? modulesOf(build) : [];
  const entry = modules.find(({ path }) => isEntry(path))?.path;
  await writeFile(join(folder, BOOT), `${entry ? `export * from './${entry}';` : EMPTY}\n${TEST}`);
  const all = [{ type: 'ESModule' as const, path: BOOT }, ...modules.filter(({ path }) => path !== BOOT)];
  const embedded = all.map(({ type, path }) => `(name = ${text(path)}, ${FIELDS[type]} = embed ${text(path)})`);
  const path = join(folder, 'start.capnp');
  await writeFile(path, configOf(workerOptions as unknown as WorkerOptions, embedded));
  return path;
}

/** Milliseconds of one start. */
export async function startMillis(config: string): Promise<number> {
  const seconds = await run(['bash', '-c', TIMED, workerd, config], { seconds: SECONDS });
  const [user = Number.NaN, system = Number.NaN] = seconds.trim().split(' ').map(Number);
  if (Number.isNaN(user + system)) throw new Error(`bash printed no times: ${seconds}`);
  return 1000 * (user + system);
}

function configOf(options: WorkerOptions, modules: readonly string[]): string {
  const classes = Object.values(options.durableObjects).map(
    ({ className }) => `(className = ${text(className)}, uniqueKey = ${text(className)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "worker", worker = (
  compatibilityDate = ${text(options.compatibilityDate)},
  compatibilityFlags = [${options.compatibilityFlags.map(text).join(', ')}],
  durableObjectNamespaces = [${classes.join(', ')}],
  durableObjectStorage = (inMemory = void),
  bindings = [${bindingsOf(options).join(', ')}],
  modules = [${modules.join(',\n    ')}],
)), (name = "nowhere", network = (allow = []))]);
`;
}

function bindingsOf({ bindings, versionMetadata, assets, ...named }: WorkerOptions): string[] {
  const all = (names: object, value: string) => Object.keys(names).map((name) => `(name = ${text(name)}, ${value})`);
  const version = JSON.stringify({ id: 'bench', tag: '', timestamp: '' });
  return [
    ...Object.entries(bindings).map(([name, value]) => `(name = ${text(name)}, text = ${text(value)})`),
    ...(versionMetadata ? [`(name = ${text(versionMetadata)}, json = ${text(version)})`] : []),
    ...(assets?.binding ? [`(name = ${text(assets.binding)}, service = "nowhere")`] : []),
    ...Object.entries(named.durableObjects).map(
      ([name, { className }]) => `(name = ${text(name)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...all(named.d1Databases, 'service = "nowhere"'),
    ...all(named.r2Buckets, 'r2Bucket = "nowhere"'),
    ...all(named.queueProducers, 'queue = "nowhere"'),
  ];
}

/** A text as Cap'n Proto writes it. */
function text(value: string): string {
  return JSON.stringify(value);
}
