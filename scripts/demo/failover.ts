// Scenario: the first mail provider is down, and the second sends every mail once. After 3 faults the circuit of the first is
// open, and the Worker no longer calls it. Runs on its own Worker, because the providers are a setting. Both providers are fakes
// that send nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { createApi, expect } from '../api.ts';
import { bootServer } from '../boot.ts';
import type { Scenario } from './scenario.ts';

const MAILS = 8;
/** A circuit opens after this number of faults in a row. */
const FAULTS = 3;

export const scenario: Scenario = {
  title: `${MAILS} mails are sent while a mail provider is down`,
  async run(_api, show) {
    const fake = await startProviders();
    const stateDir = await mkdtemp(join(tmpdir(), 'errand-failover-'));
    show('starting a Worker with two mail providers');
    const url = `http://127.0.0.1:${(fake.server.address() as AddressInfo).port}`;
    const vars = [
      ...['MAIL_PROVIDER:resend', 'RESEND_API_KEY:re_demo', `RESEND_BASE_URL:${url}`],
      ...[`CIRCUIT_FAULTS:${FAULTS}`, 'CIRCUIT_PROBE_SECONDS:600'],
      ...['MAIL_FALLBACK:postmark', 'POSTMARK_TOKEN:demo', `POSTMARK_BASE_URL:${url}`],
    ];
    const server = await bootServer({ stateDir, vars });
    try {
      const api = createApi(server.origin);
      const recipients = Array.from({ length: MAILS }, (_, n) => `reader-${n}@example.com`);
      let taskId = '';
      for (const to of recipients) {
        const input = { to, subject: 'Hello', text: 'Hello' };
        const { body } = await api.post<{ task_id: string }>('/tasks', { name: 'email.send', input });
        taskId = body.task_id;
        const task = await api.follow(taskId, ({ status }) =>
          show(`${fake.sentTo.length} of ${MAILS} mails are sent, the next is ${status}`),
        );
        const { provider } = (task.result ?? {}) as { provider?: string };
        expect(provider === 'postmark', `a mail sent by postmark, got ${JSON.stringify(task.error ?? task.result)}`);
      }
      expect(fake.sentTo.toSorted().join() === recipients.join(), `every mail to be sent once, got ${fake.sentTo}`);
      expect(fake.refused === FAULTS, `${FAULTS} calls of the first provider, got ${fake.refused}`);
      const detail = `The second provider sent all ${MAILS} mails. The first was called only ${FAULTS} times.`;
      return { taskId, status: 'SUCCESS', detail };
    } finally {
      await server.stop();
      fake.server.close();
      fake.server.closeAllConnections();
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

/** Starts a fake Resend that always fails and a fake Postmark that accepts every mail, at one address. */
async function startProviders(): Promise<{ server: Server; sentTo: string[]; refused: number }> {
  const fake = { server: createServer(), sentTo: [] as string[], refused: 0 };
  fake.server.on('request', async (request, response) => {
    const body = JSON.parse(await text(request)) as { To?: string };
    const isResend = request.url === '/emails';
    if (isResend) fake.refused++;
    else fake.sentTo.push(body.To ?? '');
    response.writeHead(isResend ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isResend ? { message: 'down' } : { ErrorCode: 0, MessageID: crypto.randomUUID() }));
  });
  await new Promise<void>((done) => fake.server.listen(0, '127.0.0.1', done));
  return fake;
}
