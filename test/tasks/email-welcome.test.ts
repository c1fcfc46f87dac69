import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { enqueue } from '../../src/engine/manage.ts';
import { sendWelcomeEmail } from '../../src/tasks/index.ts';
import { makeEngine, rowOf } from '../support/engine.ts';

describe('email.welcome', () => {
  it('sends the welcome mail to the new user, once', async () => {
    const engine = await makeEngine([sendWelcomeEmail]);
    const input = { user_id: 'u-1', email: 'ada@example.com' };
    const [receipt] = await enqueue(engine, [{ definition: sendWelcomeEmail, input }]);

    await engine.drain();

    expect((await rowOf(receipt!.taskId)).state).toBe('SUCCESS');
    const { results } = await env.DB.prepare('SELECT mail FROM mailbox').all<{ mail: string }>();
    expect(results.map(({ mail }) => JSON.parse(mail))).toMatchObject([{ to: 'ada@example.com', subject: 'Welcome!' }]);
  });
});
