import { describe, expect, it } from 'vitest';
import { aPng } from '../../support/photos.ts';
import { anAdminKey, anApp, call, problemOf, reply, run } from '../../support/worker.ts';

interface Mail {
  id: string;
  from: string;
  to: string;
  subject: string;
  text: string | null;
  html: string | null;
  received_at: string;
}

interface Page {
  items: Mail[];
  next_cursor: string | null;
}

const key = await anAdminKey();
const settings = { AUTH: 'open' as const, MAIL_PROVIDER: 'resend', KEY_RATE_LIMIT: 6000, REGISTER_RATE_LIMIT: 20 };

describe('the mailbox', () => {
  it('shows its mails, newest first, page by page, and one by one', async () => {
    for (const subject of ['one', 'two', 'three']) {
      await run(key, 'email.send', { to: 'a@example.com', subject, text: `text of ${subject}` });
    }

    const first = await reply<Page>(200, call('GET /mailbox?limit=2', { key }));
    const second = await reply<Page>(200, call(`GET /mailbox?limit=2&cursor=${first.next_cursor}`, { key }));
    const [mail] = second.items;

    expect([...first.items, ...second.items].map(({ subject }) => subject)).toEqual(['three', 'two', 'one']);
    expect(second.next_cursor).toBeNull();
    expect(mail).toMatchObject({ from: 'Errand <errand@example.com>', to: 'a@example.com', html: null });
    expect(mail?.text).toBe('text of one');
    expect(await reply(200, call(`GET /mailbox/${mail?.id}`, { key }))).toEqual(mail);
  });

  it('names the mail by the id that the task results in', async () => {
    const task = await run(key, 'email.send', { to: 'b@example.com', subject: 's', html: '<p>h</p>' });
    const { message_id, provider } = task.result as { message_id: string; provider: string };

    const mail = await reply<Mail>(200, call(`GET /mailbox/${message_id}`, { key }));

    expect(provider).toBe('mailbox');
    expect(mail).toMatchObject({ to: 'b@example.com', text: null, html: '<p>h</p>' });
  });

  it('shows copies, headers, tags and what is attached', async () => {
    const file = new FormData();
    file.append('file', new File([aPng(2, 2, [1, 2, 3, 255])], 'a.png'));
    const upload = await reply<{ file: string }>(202, call('POST /upload/image', { key, body: file }));
    const input = {
      ...{ to: ['a@example.com', 'b@example.com'], cc: 'c@example.com', bcc: ['d@example.com'] },
      ...{ reply_to: 'desk@example.com', subject: 's', text: 't', headers: { 'X-Order': '17' } },
      tags: [{ name: 'kind', value: 'test' }],
      attachments: [{ file: upload.file, content_id: 'logo' }],
    };
    const task = await run(key, 'email.send', input);
    const { message_id } = task.result as { message_id: string };

    expect(await reply(200, call(`GET /mailbox/${message_id}`, { key }))).toMatchObject({
      to: 'a@example.com, b@example.com',
      cc: ['c@example.com'],
      bcc: ['d@example.com'],
      reply_to: 'desk@example.com',
      headers: input.headers,
      tags: input.tags,
      attachments: [{ filename: 'a.png', content_type: 'image/png', content_id: 'logo', bytes: expect.any(Number) }],
    });
  });

  it('has only mails that were sent', async () => {
    expect((await problemOf(call(`GET /mailbox/${crypto.randomUUID()}`, { key }))).code).toBe('not_found');
    expect((await problemOf(call('GET /mailbox/7', { key }))).code).toBe('not_found');
    expect((await problemOf(call('GET /mailbox?cursor=7', { key }))).errors?.[0]?.path).toBe('cursor');
    expect((await problemOf(call('GET /mailbox?limit=101', { key }))).errors?.[0]?.path).toBe('limit');
  });

  it('does not exist while mail goes out through a provider', async () => {
    const { call: request } = await anApp({ settings });

    for (const path of ['/mailbox', `/mailbox/${crypto.randomUUID()}`]) {
      const problem = await problemOf(request(`GET ${path}`));
      expect(problem).toMatchObject({
        status: 404,
        code: 'not_found',
        detail: expect.stringContaining('sent through resend'),
      });
    }
  });
});
