import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { suppress } from '../../../src/mail/store.ts';
import { aKey, anAdminKey, call, problemOf, reply, run } from '../../support/worker.ts';

interface Page {
  items: { address: string; reason: string; detail: string | null; provider: string; created_at: string }[];
  next_cursor: string | null;
}

const key = await anAdminKey();
const aSuppression = (address: string) =>
  suppress(env.DB, { address, reason: 'bounce', detail: null, provider: 'resend', createdAt: 1_790_000_000_000 });

describe('the suppressions', () => {
  it('are listed by address, page by page', async () => {
    for (const name of ['c', 'a', 'b']) await aSuppression(`${name}@list.example`);

    const first = await reply<Page>(200, call('GET /suppressions?limit=2', { key }));
    const cursor = encodeURIComponent(first.next_cursor ?? '');
    const second = await reply<Page>(200, call(`GET /suppressions?limit=2&cursor=${cursor}`, { key }));

    expect([...first.items, ...second.items].map(({ address }) => address)).toEqual([
      'a@list.example',
      'b@list.example',
      'c@list.example',
    ]);
    expect(second.next_cursor).toBeNull();
    expect(first.items[0]).toEqual({
      address: 'a@list.example',
      reason: 'bounce',
      detail: null,
      provider: 'resend',
      created_at: '2026-09-21T14:13:20.000Z',
    });
  });

  it('are lifted in any letters, once, and then mail goes there again', async () => {
    await aSuppression('gone+1@lift.example');
    const mail = { to: 'gone+1@lift.example', subject: 'Hi', text: 'Hello' };
    const before = await run(key, 'email.send', mail);
    const path = `/suppressions/${encodeURIComponent('Gone+1@LIFT.example')}`;

    const lifted = await call(`DELETE ${path}`, { key });
    const after = await run(key, 'email.send', mail);

    expect([before.status, before.error]).toMatchObject(['FAILURE', { code: 'suppressed' }]);
    expect([lifted.status, await lifted.text()]).toEqual([204, '']);
    expect(after.status).toBe('SUCCESS');
    expect((await problemOf(call(`DELETE ${path}`, { key }))).code).toBe('not_found');
  });

  it('are left out of a mail to several recipients, and the task names them', async () => {
    await aSuppression('gone@several.example');
    const to = ['gone@several.example', 'ada@several.example'];

    const task = await run(key, 'email.send', { to, subject: 'Hi', text: 'Hello' });

    expect(task.result).toMatchObject({ provider: 'mailbox', suppressed: ['gone@several.example'] });
  });

  it('that are not there cannot be lifted', async () => {
    for (const name of ['unknown@example.com', 'no-address', '%00', "a'--"]) {
      expect((await call(`DELETE /suppressions/${encodeURIComponent(name)}`, { key })).status).toBe(404);
    }
  });

  it('are lifted only by callers with tasks:write', async () => {
    const reader = await aKey({ scopes: ['tasks:read'] });

    expect((await call('GET /suppressions', reader)).status).toBe(200);
    expect((await call('DELETE /suppressions/a@list.example', reader)).status).toBe(403);
  });
});
