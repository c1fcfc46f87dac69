// Tests run inside workerd, with the real local D1, Queues, R2 and Durable Objects of wrangler.toml.
import { cpSync } from 'node:fs';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { reduceLibraries } from './scripts/bundle/reduce-libraries.ts';
import { startServer } from './test/mail/fakes/server.ts';

// wrangler.toml names the folder. Of a build, the tests need only the files that the Worker itself reads.
cpSync('src/documents/assets', 'dist/dashboard', { recursive: true });

/** These break no Durable Object, so they can share a workerd: starting one takes longer than most files. */
const TOGETHER = ['access', 'dashboard', 'documents', 'engine', 'files', 'images', 'mail', 'users'].map(
  (room) => `test/${room}/**/*.test.ts`,
);

/** The Worker that the tests run in, and its bindings. `server`: the URL of test/mail/fakes/server.ts. */
export const workerWith = (server: () => Promise<string>, bindings: Record<string, string> = {}) =>
  cloudflareTest(async () => ({
    // Not the bundle that wrangler.toml names: the tests run the sources.
    main: './src/index.ts',
    wrangler: { configPath: './wrangler.toml' },
    miniflare: {
      images: { binding: 'IMAGES' },
      bindings: {
        TEST_MIGRATIONS: await readD1Migrations('migrations'),
        DEMO_TASKS: 'on',
        MAIL_PROVIDER: 'mailbox',
        IMAGE_ENGINE: 'photon',
        LINK_SECRET: 'a secret that only the tests know',
        PUBLIC_URL: 'https://errand.example',
        UNSUBSCRIBE_SECRET: 'another secret that only the tests know',
        PROVIDER_SERVER: await server(),
        ...bindings,
      },
    },
  }));

export default defineConfig({
  plugins: [workerWith(startServer)],
  // The libraries as the bundle has them: what it leaves out, no test may need.
  resolve: { alias: await reduceLibraries() },
  test: {
    setupFiles: ['test/support/setup.ts'],
    // Libraries load with the first test that needs them, and machines are busy.
    testTimeout: 30_000,
    // Starting workerd leaves a core idle, so two run side by side, also on two cores.
    maxWorkers: 2,
    projects: [
      { extends: true, test: { name: 'together', include: TOGETHER, isolate: false } },
      {
        extends: true,
        test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: [...TOGETHER, '**/node_modules/**'] },
      },
    ],
  },
});
