// Creates tasks, workflows, mails and files of all kinds through the API.
import { setTimeout as wait } from 'node:timers/promises';
import { makePhoto } from '../../scripts/photo.ts';

/** The ids that the tests look for. */
export interface TestData {
  failed: string;
  flaky: string;
  big: string;
  huge: string;
  log: string;
  later: string;
  workflow: string;
  failedWorkflow: string;
  graph: string;
  mail: string;
  file: string;
  /** Tasks with steps: one that ended, one that was undone, and one that waits for a decision. */
  steps: string;
  undone: string;
  asking: string;
}

export const HOSTILE = '<script>document.title="owned"</script>';

export async function createTestData(origin: string): Promise<TestData> {
  const call = async <T>(method: string, path: string, json?: unknown): Promise<T> => {
    const reply = await fetch(origin + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const enqueue = async (name: string, input: unknown, options: object = {}) =>
    (await call<{ task_id: string }>('POST', '/tasks', { name, input, options })).task_id;

  const sums = Array.from({ length: 120 }, (_, a) => ({
    ...{ name: 'demo.add', input: { a, b: 2 } },
    options: { tags: ['sums', a % 2 === 0 ? 'even' : 'odd'] },
  }));
  await call('POST', '/tasks/batch', { tasks: sums });
  const again = Array.from({ length: 60 }, () => ({
    ...{ name: 'demo.echo', input: { value: 'again' } },
    options: { tags: ['again'] },
  }));
  await call('POST', '/tasks/batch', { tasks: again });
  for (const name of ['ada', 'grace'])
    await call('POST', '/users/register', { email: `${name}@example.com`, password: 'correct horse battery' });
  const html = `<h1 style="color: #0b5f6b">Hello Ada</h1><p>Order <b>17</b> is on its way.</p>${HOSTILE}<a href="https://example.com" target="_top">out</a>`;
  const mailTask = await enqueue('email.send', { to: 'ada@example.com', subject: `Order 17 ${HOSTILE}`, html });
  const failed = await enqueue('demo.fail', { message: `refused ${HOSTILE}`, permanent: true }, { tags: ['order-17'] });
  const flaky = await enqueue('demo.flaky', { failures: 2 });
  const big = await enqueue('demo.big', { bytes: 1_000_000 });
  const huge = await enqueue('demo.big', { bytes: 2_000_000 });
  const log = await enqueue('demo.log', { lines: 40 });
  const steps = await enqueue('demo.steps', {
    ...{ names: ['extract', 'transform', 'load', 'report'], fail_in: 'load', failures: 1, sleep: 0.5 },
  });
  const undone = await enqueue('demo.undo', { names: ['reserve', 'charge', 'ship'], fail_in: 'ship' });
  const asking = await enqueue('demo.checkout', { order: `17 ${HOSTILE}`, total: 99.5 });
  const chord = (failures: number) => ({
    chain: [
      { task: 'demo.add', input: { a: 1, b: 2 } },
      {
        chord: {
          header: [
            ...Array.from({ length: 40 }, (_, b) => ({ task: 'demo.echo', input: { value: b }, immutable: true })),
            { task: 'demo.flaky', input: { failures }, immutable: true, options: { max_retries: 1 } },
          ],
          body: { task: 'demo.echo', input: { value: 'merged' }, immutable: true },
        },
      },
    ],
  });
  const { workflow_id: workflow } = await call<{ workflow_id: string }>('POST', '/workflows', chord(0));
  const { workflow_id: failedWorkflow } = await call<{ workflow_id: string }>('POST', '/workflows', chord(50));
  const step = (value: string, place: object = {}) => ({
    name: 'demo.echo',
    input: { value },
    immutable: true,
    ...place,
  });
  const { workflow_id: graph } = await call<{ workflow_id: string }>('POST', '/workflows', {
    name: 'nightly import',
    tags: ['etl', 'north'],
    dag: {
      extract: step('rows'),
      check: { ...step('checked'), after: ['extract'] },
      enrich: { chain: [step('looked up'), step('joined')], after: ['extract'] },
      load: {
        name: 'demo.flaky',
        input: { failures: 50 },
        options: { max_retries: 0 },
        immutable: true,
        after: ['check', 'enrich'],
      },
      publish: { ...step('published'), after: ['load'] },
      undo: { ...step('undone'), after: ['load'], when: 'one_failed' },
      repair: { ...step('repaired'), after: ['check'], when: 'one_failed' },
      report: { ...step('reported'), after: ['load', 'repair'], when: 'all_done' },
    },
  });
  const later = await enqueue('demo.echo', { value: HOSTILE }, { countdown: 86_400, tags: ['later'] });
  const upload = async (path: string, bytes: BlobPart, name: string) => {
    const form = new FormData();
    form.append('file', new Blob([bytes]), name);
    const reply = await fetch(origin + path, { method: 'POST', body: form });
    return ((await reply.json()) as { task_id: string }).task_id;
  };
  await upload('/upload/document', 'name,year\nAda,1843\n', '<img src=x onerror=alert(1)>.csv');
  const photo = await upload('/upload/image', Buffer.from(await makePhoto({ width: 900, height: 600 })), 'photo.jpg');
  await final(() => call('GET', `/tasks/${photo}`));
  await final(() => call('GET', `/tasks/${mailTask}`));
  await final(() => call('GET', `/tasks/${flaky}`));
  await final(() => call('GET', `/tasks/${huge}`));
  for (const id of [steps, undone]) await final(() => call('GET', `/tasks/${id}`));
  await final(() => call('GET', `/workflows/${failedWorkflow}`));
  const { items } = await call<{ items: { id: string; subject: string }[] }>('GET', '/mailbox');
  const mail = items.find(({ subject }) => subject.startsWith('Order 17'))?.id ?? '';
  const outputs = await call<{ items: { file: string }[] }>('GET', '/files?prefix=outputs');
  const file = outputs.items[0]?.file ?? '';
  return { failed, flaky, big, huge, log, later, workflow, failedWorkflow, graph, mail, file, steps, undone, asking };
}

async function final(look: () => Promise<{ status: string }>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (['SUCCESS', 'FAILURE', 'REVOKED'].includes((await look()).status)) return;
    await wait(100);
  }
  throw new Error('A task of the test data did not end within 30 s.');
}
