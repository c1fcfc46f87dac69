import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask, listTasks, sweep, useEngine } from '../../src/engine/manage.ts';
import { liftSuppression, normaliseAddress, unsubscribe } from '../../src/mail/index.ts';
import { allTasks, userTag } from '../../src/tasks/index.ts';
import { prepareUser } from '../../src/users/index.ts';
import { ACCEPTED, REFUSED } from '../mail/addresses.ts';
import { aContext } from '../support/context.ts';
import { makeEngine, type TestEngine } from '../support/engine.ts';

beforeEach(async () => {
  await env.DB.batch(['users', 'mailbox', 'tasks', 'task_tags'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })) });
  useEngine(engine);
  return engine;
}

async function aUser(email: string): Promise<string> {
  const user = await prepareUser(env.DB, { email, password: 'correct horse' }, Date.now());
  await user.insert.run();
  return user.id;
}

/** A row without a password, as an import by hand could write it. An address is written once. */
const aUserRow = (email: string) =>
  env.DB.prepare("INSERT OR IGNORE INTO users (id, email, password_hash, created_at) VALUES (?, ?, '', 0)")
    .bind(crypto.randomUUID(), email)
    .run();

async function mails(): Promise<
  { to: string; subject: string; text: string; html: string; headers: Record<string, string> }[]
> {
  const { results } = await env.DB.prepare('SELECT mail FROM mailbox ORDER BY id').all<{ mail: string }>();
  return results.map(({ mail }) => JSON.parse(mail));
}

const run = (engine: TestEngine, name: string, input: object, tags: string[] = []) =>
  enqueue(engine, [{ definition: engine.registry.get(name)!, input, options: { tags } }]);

describe('the weekly digest', () => {
  it('goes to each user who had a final task, by one task per user, and reports their tasks', async () => {
    const engine = await anEngine();
    const [ada, bob, eve] = [
      await aUser('ada@example.com'),
      await aUser('bob@example.com'),
      await aUser('eve@example.com'),
    ];
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(ada)]);
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(ada)]);
    await run(engine, 'demo.fail', { message: 'no <b>luck</b>', permanent: true }, [userTag(ada)]);
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(bob)]);
    await engine.drain();
    engine.advance(60);
    const [receipt] = await run(engine, 'digest.send_all', {});
    await engine.drain(30);
    const result = (await findTask(engine, receipt!.taskId)).result as { json: string };
    expect(JSON.parse(result.json)).toMatchObject({ users: 3, workflows: [expect.any(String)], continued_by: null });
    const sent = await mails();
    expect(sent.flatMap(({ to }) => to).sort()).toEqual(['ada@example.com', 'bob@example.com']);
    const toAda = sent.find(({ to }) => to.includes('ada@example.com'))!;
    expect(toAda.text).toContain('2 succeeded, 1 failed, 0 revoked');
    expect(toAda.text).toContain('no <b>luck</b>');
    expect(toAda.html).not.toContain('<b>luck</b>');
    const tasks = await listTasks(engine, { name: 'digest.send' }, { limit: 10, before: undefined });
    expect(tasks).toHaveLength(3);
    expect(new Set(tasks.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(eve).toBeDefined();
  });

  it('is sent once although digest.send_all runs again after a crash', async () => {
    const engine = await anEngine();
    const ada = await aUser('ada@example.com');
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(ada)]);
    await engine.drain();
    engine.advance(60);
    const definition = engine.registry.get('digest.send_all')!;
    const context = aContext(engine);
    for (let round = 0; round < 2; round++) await definition.handler.run({ after: '' }, context);
    await engine.drain(30);
    expect(await mails()).toHaveLength(1);
  });

  it('takes the addresses that registration takes; one that mail cannot be sent to is left out alone', async () => {
    const engine = await anEngine();
    for (const [address] of ACCEPTED) await aUserRow(normaliseAddress(address));
    for (const [address] of REFUSED) await aUserRow(address);
    await aUserRow('bob@example.com');
    const context = aContext(engine);
    const { handler } = engine.registry.get('digest.send_all')!;

    expect(await handler.run({ after: '' }, context)).toMatchObject({
      left_out: new Set(REFUSED.map(([address]) => address)).size,
    });
    const { total } = (await env.DB.prepare("SELECT count(*) AS total FROM tasks WHERE name = 'digest.send'").first<{
      total: number;
    }>())!;
    expect(total).toBe(new Set([...ACCEPTED.map(([address]) => normaliseAddress(address)), 'bob@example.com']).size);
  });

  it('has a link to unsubscribe; a user who used it gets no digest, and no task fails', async () => {
    const engine = await anEngine();
    const ada = await aUser('ada@example.com');
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(ada)]);
    await engine.drain();
    engine.advance(60);
    await run(engine, 'digest.send_all', {});
    await engine.drain(30);

    const [first] = await mails();
    const [url = ''] = first?.headers['List-Unsubscribe']?.match(/https:[^>]+/) ?? [];
    expect(first?.headers['List-Unsubscribe-Post']).toBe('List-Unsubscribe=One-Click');
    expect(first?.text).toContain(`Unsubscribe: ${url}\n`);
    expect(first?.html).toContain(`href="${url}"`);

    await unsubscribe(env.DB, 'ada@example.com', engine.clock.now());
    await run(engine, 'digest.send_all', {});
    await engine.drain(30);

    expect(await mails()).toHaveLength(1);
    const results = await env.DB.prepare(
      "SELECT state, result FROM tasks WHERE name = 'digest.send' ORDER BY id",
    ).all();
    expect(results.results).toMatchObject([
      { state: 'SUCCESS' },
      { state: 'SUCCESS', result: '{"sent":false,"tasks":1,"suppressed":["ada@example.com"]}' },
    ]);
    await liftSuppression(env.DB, { address: 'ada@example.com', liftedAt: engine.clock.now() });
  });

  it('is not sent while no link to unsubscribe can be made: one task fails and says why', async () => {
    const engine = await anEngine();
    engine.services.mails.canUnsubscribe = false;
    await aUser('ada@example.com');
    const { handler } = engine.registry.get('digest.send_all')!;

    await expect(handler.run({ after: '' }, aContext(engine))).rejects.toMatchObject({
      code: 'unsubscribe_not_set_up',
    });
  });

  it('leaves out tasks that were enqueued before the week', async () => {
    const engine = await anEngine();
    const ada = await aUser('ada@example.com');
    await run(engine, 'demo.add', { a: 1, b: 2 }, [userTag(ada)]);
    await engine.drain();
    const until = engine.clock.now() + 8 * 86_400_000;
    await run(engine, 'digest.send', { user_id: ada, email: 'ada@example.com', since: until - 7 * 86_400_000, until });
    await engine.drain();
    expect(await mails()).toEqual([]);
  });

  it('is scheduled for Mondays at 09:00', async () => {
    const engine = await anEngine();
    await sweep(engine);
    const row = await env.DB.prepare("SELECT next_at FROM schedules WHERE name = 'send-digest-weekly'").first<{
      next_at: number;
    }>();
    const next = new Date(row!.next_at);
    expect([next.getUTCDay(), next.getUTCHours(), next.getUTCMinutes()]).toEqual([1, 9, 0]);
  });
});
