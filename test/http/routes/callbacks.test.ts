import { describe, expect, it } from 'vitest';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { anApp, problemOf, reply } from '../../support/worker.ts';

const settings = { AUTH: 'open' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 };
const WEBHOOK_SECRET = `whsec_${btoa('a secret that only the tests know')}`;
const task = (callback_url: string) => ({ name: 'demo.add', input: { a: 1, b: 2 }, options: { callback_url } });

describe('callback_url', () => {
  it('is accepted with a task, a batch and a workflow', async () => {
    const app = await anApp({ settings: { ...settings, WEBHOOK_SECRET } });
    const json = task('https://shop.example/hooks');
    await reply<TaskJson>(202, app.call('POST /tasks', { json }));
    await reply(202, app.call('POST /tasks/batch', { json: { tasks: [json] } }));
    const workflow = { task: 'demo.add', input: { a: 1, b: 2 }, callback_url: 'https://shop.example/hooks' };
    await reply(202, app.call('POST /workflows', { json: workflow }));
  });

  it('is refused where it may not lead, naming the field', async () => {
    const app = await anApp({ settings: { ...settings, WEBHOOK_SECRET } });
    const one = await problemOf(app.call('POST /tasks', { json: task('http://shop.example/') }));
    expect(one).toMatchObject({
      status: 422,
      errors: [{ path: 'options.callback_url', message: 'must begin with https:' }],
    });
    const batch = { tasks: [task('https://shop.example/'), task('https://10.0.0.1/')] };
    const many = await problemOf(app.call('POST /tasks/batch', { json: batch }));
    expect(many.errors?.map(({ path }) => path)).toEqual(['tasks.1.options.callback_url']);
    const workflow = { task: 'demo.add', input: { a: 1, b: 2 }, callback_url: 7 };
    expect((await problemOf(app.call('POST /workflows', { json: workflow }))).errors?.[0]?.path).toBe('callback_url');
  });

  it('is refused while nothing could sign it', async () => {
    const app = await anApp({ settings });
    const problem = await problemOf(app.call('POST /tasks', { json: task('https://shop.example/') }));
    expect(problem).toMatchObject({ status: 501, code: 'callbacks_disabled' });
  });
});
