import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { anAdminKey, anApp, call, problemOf, reply, run } from '../../support/worker.ts';

interface Suppressions {
  items: { address: string; reason: string; provider: string; detail: string | null }[];
}
interface Mailbox {
  items: { to: string; headers: Record<string, string>; text: string }[];
}

const key = await anAdminKey();
const ONE_CLICK = {
  body: 'List-Unsubscribe=One-Click',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
};

/** Sends a newsletter to the address and returns the path of the link in its header. */
async function linkOf(to: string): Promise<string> {
  const task = await run(key, 'email.send', { to, subject: 'News', text: 'News', transactional: false });
  expect(task.status).toBe('SUCCESS');
  const { items } = await reply<Mailbox>(200, call('GET /mailbox', { key }));
  const [url = ''] = items.find((mail) => mail.to === to)?.headers['List-Unsubscribe']?.match(/https:[^>]+/) ?? [];
  expect(url).toContain('https://errand.example/unsubscribe/');
  return new URL(url).pathname;
}

const reasonsOf = async (address: string) =>
  (await reply<Suppressions>(200, call('GET /suppressions?limit=200', { key }))).items.filter(
    (item) => item.address === address,
  );

describe('a link to unsubscribe', () => {
  it('unsubscribes by one POST without an API key, and lands in the suppressions with its reason', async () => {
    const path = await linkOf('one@click.example');

    for (let time = 0; time < 2; time++) {
      const response = await call(`POST ${path}`, ONE_CLICK);
      expect([response.status, response.redirected]).toEqual([200, false]);
      expect(await response.text()).toContain('<strong>one@click.example</strong> gets no more');
    }

    expect(await reasonsOf('one@click.example')).toMatchObject([
      { reason: 'unsubscribe', provider: 'errand', detail: null },
    ]);
    const mail = { to: 'one@click.example', subject: 'Hi', text: 'Hello' };
    const news = await run(key, 'email.send', { ...mail, transactional: false });
    expect([news.status, news.error]).toMatchObject(['FAILURE', { code: 'suppressed' }]);
    expect(news.error?.message).toContain('has unsubscribed');
    expect((await run(key, 'email.send', mail)).status).toBe('SUCCESS');
  });

  it.each([
    ['a form with files, as some mail clients send', () => ({ body: form() })],
    ['no body', () => ({})],
  ])('takes %s', async (_, request) => {
    const address = `${crypto.randomUUID()}@click.example`;

    expect((await call(`POST ${await linkOf(address)}`, request())).status).toBe(200);
    expect(await reasonsOf(address)).toHaveLength(1);
  });

  it('shows a page with a button on GET and changes nothing, whatever reads it', async () => {
    const path = await linkOf("o'hara&<b>@page.example".replace('<b>', ''));
    const response = await call(`GET ${path}`);
    const page = await response.text();
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) await call(`${method} ${path}`);

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(page).toMatch(/<form method="post">.*<button>Unsubscribe<\/button><\/form>/);
    expect(page).toContain('o&#39;hara&amp;@page.example');
    expect(await reasonsOf("o'hara&@page.example")).toEqual([]);
  });

  it('that was not made here is refused, and changes nothing', async () => {
    const path = await linkOf('real@forged.example');
    const [, , token = ''] = path.split('/');
    const victim = `${Buffer.from('victim@forged.example').toString('base64url')}.${token.split('.')[1]}`;

    for (const forged of [victim, `${token}A`, token.slice(0, -1), 'a', '%00', 'x'.repeat(500)]) {
      for (const method of ['GET', 'POST']) {
        const problem = await problemOf(call(`${method} /unsubscribe/${forged}`));
        expect(problem, forged).toMatchObject({ status: 404, code: 'not_found' });
      }
    }
    expect(await reasonsOf('victim@forged.example')).toEqual([]);
    expect(await reasonsOf('real@forged.example')).toEqual([]);
  });

  it('is refused while UNSUBSCRIBE_SECRET is not set', async () => {
    const path = await linkOf('late@unset.example');
    const settings = { AUTH: 'keys' as const, MAIL_PROVIDER: 'mailbox', KEY_RATE_LIMIT: 1, REGISTER_RATE_LIMIT: 2 };
    const { call: request } = await anApp({ settings });

    expect(await problemOf(request(`POST ${path}`, ONE_CLICK))).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('a released address', () => {
  it('gets such mail again, until its owner uses the link again', async () => {
    const path = await linkOf('back@again.example');
    await call(`POST ${path}`, ONE_CLICK);
    const released = await call('DELETE /suppressions/back@again.example?reason=unsubscribe', { key });

    expect(released.status).toBe(204);
    expect(await reasonsOf('back@again.example')).toEqual([]);
    await call(`POST ${path}`, ONE_CLICK);
    expect(await reasonsOf('back@again.example')).toHaveLength(1);
  });

  it('keeps the suppressions for other reasons', async () => {
    await env.DB.exec(
      "INSERT INTO suppressions (address, holds_for, reason, provider, created_at) VALUES ('both@again.example', 'all', 'bounce', 'resend', 1)",
    );

    const path = '/suppressions/both@again.example?reason=';
    expect((await call(`DELETE ${path}unsubscribe`, { key })).status).toBe(404);
    expect((await call(`DELETE ${path}boredom`, { key })).status).toBe(422);
    expect(await reasonsOf('both@again.example')).toMatchObject([{ reason: 'bounce' }]);
    expect((await call(`DELETE ${path}bounce`, { key })).status).toBe(204);
  });
});

function form(): FormData {
  const fields = new FormData();
  fields.set('List-Unsubscribe', 'One-Click');
  return fields;
}
