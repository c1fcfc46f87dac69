// npm run test:providers: the contract suite of every provider, with each request checked by mock.ts, and the answers and
// events that the documents promise (promises.check.ts).
import { defineConfig } from 'vitest/config';
import { workerWith } from '../../vitest.config.ts';
import { startServer } from '../mail/fakes/server.ts';
import { missing, report, sources, startMock } from './mock.ts';
import { bouncesOf, readOperation, webhooksOf } from './operation.ts';

const promises = sources.map(({ provider, document, method, path }) => ({
  provider,
  servers: document.servers.map(({ url }) => url),
  answers: readOperation(document, method, path).answers,
  events: provider === 'postmark' ? bouncesOf(document) : webhooksOf(document),
}));

export default defineConfig({
  plugins: [
    workerWith(async () => startServer(await startMock()), {
      PROVIDER_PROMISES: JSON.stringify({ promises, missing: missing.map(({ provider }) => provider) }),
    }),
  ],
  test: {
    include: [
      ...['resend', 'postmark', 'sendgrid', 'mailgun', 'ses'].map((name) => `test/mail/${name}.test.ts`),
      'test/providers/*.check.ts',
    ],
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 30_000,
    maxWorkers: 1,
    reporters: [
      'default',
      {
        onTestRunEnd() {
          if (!report()) process.exitCode = 1;
        },
      },
    ],
  },
});
