import { env } from 'cloudflare:workers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { verifyPassword } from '../../../src/users/index.ts';
import { ACCEPTED, REFUSED } from '../../mail/addresses.ts';
import { anAdminKey, anApp, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

interface Registered {
  message: string;
  user_id: string;
  email: string;
  task_id: string;
}

const PASSWORD = 'correct horse battery staple';
const key = await anAdminKey();
/** The first row of the table that is sent as `sent`: an address registers once. */
const firstOf = (sent: string) => ACCEPTED.find((row) => row[1].toLowerCase() === sent.toLowerCase());
const anAddress = () => `${crypto.randomUUID()}@example.com`;
// Each caller from an address of its own: registrations are limited by address.
const register = (json: unknown, headers: Record<string, string> = { 'cf-connecting-ip': crypto.randomUUID() }) =>
  call('POST /users/register', { json, headers });

const counts = async () => [await countRows('users'), await countRows('tasks')];

afterEach(() => vi.restoreAllMocks());

describe('POST /users/register', () => {
  it('registers a user and sends the welcome mail, once', async () => {
    const email = anAddress();

    const registered = await reply<Registered>(201, register({ email, password: PASSWORD }));
    const task = await finish(key, registered.task_id);
    const { items } = await reply<{ items: { to: string; subject: string; text: string; html: string }[] }>(
      200,
      call('GET /mailbox?limit=100', { key }),
    );

    expect(registered).toMatchObject({ message: 'User registered', email });
    expect(task).toMatchObject({
      name: 'email.welcome',
      status: 'SUCCESS',
      input: { user_id: registered.user_id, email },
    });
    const mails = items.filter(({ to }) => to === email);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ subject: 'Welcome!', text: expect.stringContaining('account') });
    expect(mails[0]?.html).toContain(`<strong>${email}</strong>`);
  });

  it('keeps no password in clear, neither in the database nor in a log line or a reply', async () => {
    const lines: string[] = [];
    for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      vi.spyOn(console, level).mockImplementation((...line) => void lines.push(line.join(' ')));
    }
    const email = anAddress();
    const password = `secret-${crypto.randomUUID()}`;

    const response = await register({ email, password });
    const said = await response.clone().text();
    const { user_id, task_id } = await reply<Registered>(201, response);
    await finish(key, task_id);
    await register({ email, password });
    await register({ email: 'bad', password });

    const tables = ['users', 'tasks', 'attempts', 'mailbox', 'sent_mails'];
    const rows = await Promise.all(
      tables.map(async (name) => (await env.DB.prepare(`SELECT * FROM ${name}`).all()).results),
    );
    expect(JSON.stringify([rows, lines, said])).not.toContain(password);
    const user = await env.DB.prepare('SELECT * FROM users WHERE id = ?')
      .bind(user_id)
      .first<{ password_hash: string }>();
    expect(await verifyPassword(password, user!.password_hash)).toBe(true);
  });

  it('answers 409 the second time, also with other case and spaces, and changes nothing', async () => {
    const email = anAddress();
    await reply(201, register({ email, password: PASSWORD }));
    const before = await counts();

    for (const again of [email, email.toUpperCase(), `  ${email} `]) {
      const problem = await problemOf(register({ email: again, password: 'another password' }));
      expect(problem, again).toMatchObject({ status: 409, code: 'email_taken' });
      expect(JSON.stringify(problem)).not.toContain(email);
    }
    expect(await counts()).toEqual(before);
  });

  it('stores and answers the address normalised', async () => {
    const email = anAddress();

    const registered = await reply<Registered>(
      201,
      register({ email: ` ${email.toUpperCase()}  `, password: PASSWORD }),
    );

    expect(registered.email).toBe(email);
  });

  // A part of the table, because each registration hashes a password.
  it.each(ACCEPTED.filter((one, index) => (index % 5 === 0 || index > 75) && one === firstOf(one[1])))(
    'registers %s as %s',
    async (address, sent) => {
      const registered = await reply<Registered>(201, register({ email: address, password: PASSWORD }));

      expect(registered.email).toBe(sent.toLowerCase());
    },
  );

  it('refuses what is no address, and says why', async () => {
    for (const [email, reason] of REFUSED) {
      const problem = await problemOf(register({ email, password: PASSWORD }));

      expect(problem.errors, email).toEqual([{ path: 'email', message: expect.stringContaining(reason) }]);
    }
  });

  it('lets one of many callers have an address they ask for at once', async () => {
    const email = anAddress();

    const statuses = await Promise.all(
      Array.from({ length: 4 }, async () => (await register({ email, password: PASSWORD })).status),
    );

    expect(statuses.sort()).toEqual([201, 409, 409, 409]);
  });

  it.each([
    ['email', { email: 'no address', password: PASSWORD }],
    ['email', { email: 'a@b', password: PASSWORD }],
    ['email', { email: 'a@example.com\r\nBcc: b@example.com', password: PASSWORD }],
    ['email', { email: `${'a'.repeat(250)}@example.com`, password: PASSWORD }],
    ['email', { password: PASSWORD }],
    ['email', { email: ['a@example.com'], password: PASSWORD }],
    ['password', { email: 'a@example.com', password: 'short' }],
    ['password', { email: 'a@example.com', password: 'x'.repeat(257) }],
    ['password', { email: 'a@example.com' }],
    ['', { email: 'a@example.com', password: PASSWORD, admin: true }],
  ])('refuses a bad %s: %j', async (path, json) => {
    const before = await counts();

    const problem = await problemOf(register(json));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map((fault) => fault.path)).toEqual([path]);
    expect(await counts()).toEqual(before);
  });

  it('keeps neither the user nor the mail when the task cannot be written', async () => {
    await env.DB.exec(
      "CREATE TRIGGER no_tasks BEFORE INSERT ON tasks BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: planted'); END",
    );
    const email = anAddress();
    const before = await counts();

    const problem = await problemOf(register({ email, password: PASSWORD }));
    await env.DB.exec('DROP TRIGGER no_tasks');

    expect(problem.status).toBe(503);
    expect(JSON.stringify(problem)).not.toContain('planted');
    expect(await counts()).toEqual(before);
    // The address is still free.
    await reply(201, register({ email, password: PASSWORD }));
  });

  it('limits how often one address may register, and only that address', async () => {
    const allow = (name: string, limit: number) =>
      env.LIMITER.get(env.LIMITER.idFromName(name)).take(limit, Date.now());
    const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 1, REGISTER_RATE_LIMIT: 2 };
    const { call: request } = await anApp({ allow, settings });
    const [busy, calm] = [crypto.randomUUID(), crypto.randomUUID()];
    const from = (address: string) =>
      request('POST /users/register', {
        json: { email: anAddress(), password: PASSWORD },
        headers: { 'cf-connecting-ip': address },
      });

    const statuses = [(await from(busy)).status, (await from(busy)).status];
    const refused = await from(busy);

    expect(statuses).toEqual([201, 201]);
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d?$/);
    expect(await problemOf(refused)).toMatchObject({ status: 429, code: 'rate_limited' });
    expect((await from(calm)).status).toBe(201);
  });
});
