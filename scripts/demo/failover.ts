// Scenario: the first mail provider is closed, and every mail goes out through the second, once. After some faults its
// circuit is open, and it is not even asked. On a Worker of its own: which providers there are is a setting. Both are played
// here and send nothing.
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
/** Faults in a row that open a circuit. */
const FAULTS = 3;

export const scenario: Scenario = {
  what: `${MAILS} mails while the mail provider is down`,
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
          show(`a mail is ${status}, ${fake.taken.length} went out`),
        );
        const { provider } = (task.result ?? {}) as { provider?: string };
        expect(provider === 'postmark', `a mail sent by postmark: ${JSON.stringify(task.error ?? task.result)}`);
      }
      expect(fake.taken.toSorted().join() === recipients.join(), `every mail once, not ${fake.taken}`);
      expect(fake.refused === FAULTS, `the first asked ${FAULTS} times, not ${fake.refused}`);
      const detail = `${MAILS} went out through the second; the first was asked ${FAULTS} times, then left alone`;
      return { taskId, status: 'SUCCESS', detail };
    } finally {
      await server.stop();
      fake.server.close();
      fake.server.closeAllConnections();
      await rm(stateDir, { recursive: true, force: true, maxRetries: 5 });
    }
  },
};

/** Resend, which is closed, and Postmark, which takes everything, behind one address. */
async function startProviders(): Promise<{ server: Server; taken: string[]; refused: number }> {
  const fake = { server: createServer(), taken: [] as string[], refused: 0 };
  fake.server.on('request', async (request, response) => {
    const body = JSON.parse(await text(request)) as { To?: string };
    const closed = request.url === '/emails';
    if (closed) fake.refused++;
    else fake.taken.push(body.To ?? '');
    response.writeHead(closed ? 503 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(closed ? { message: 'down' } : { ErrorCode: 0, MessageID: crypto.randomUUID() }));
  });
  await new Promise<void>((done) => fake.server.listen(0, '127.0.0.1', done));
  return fake;
}
