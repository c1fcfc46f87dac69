// /mailbox: what the local mailbox caught. Exists only while it is the mail provider.
import { z } from '@hono/zod-openapi';
import { getMailboxMail, listMailbox, type MailboxRow } from '../../mail/index.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

const MailboxMail = z
  .object({
    id: z.uuid(),
    from: z.string(),
    to: z.string(),
    subject: z.string(),
    text: z.string().nullable(),
    html: z.string().nullable(),
    received_at: z.iso.datetime(),
  })
  .openapi('MailboxMail');

const list = route({
  method: 'get',
  path: '/mailbox',
  access: 'admin',
  summary: 'Mails caught by the local mailbox, newest first',
  request: {
    query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20), cursor: z.uuid().optional() }),
  },
  responses: {
    200: {
      description: 'A page',
      content: {
        'application/json': { schema: z.object({ items: z.array(MailboxMail), next_cursor: z.uuid().nullable() }) },
      },
    },
  },
});

const get = route({
  method: 'get',
  path: '/mailbox/{id}',
  access: 'admin',
  summary: 'One mail of the local mailbox',
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: { description: 'The mail', content: { 'application/json': { schema: MailboxMail } } } },
});

export const mailbox = resource()
  .openapi(list, async (c) => {
    requireMailbox(c);
    const { limit, cursor } = c.req.valid('query');
    const rows = await listMailbox(c.var.services.db, limit + 1, cursor);
    const items = rows.slice(0, limit).map(mailJson);
    return c.json({ items, next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null }, 200);
  })
  .openapi(get, async (c) => {
    requireMailbox(c);
    const row = await getMailboxMail(c.var.services.db, c.req.valid('param').id);
    if (!row) throw new HttpProblem('not_found');
    return c.json(mailJson(row), 200);
  });

function requireMailbox(c: HttpContext): void {
  const { MAIL_PROVIDER } = c.var.services.settings;
  if (MAIL_PROVIDER !== 'mailbox')
    throw new HttpProblem('not_found', { detail: `mail goes out through ${MAIL_PROVIDER}` });
}

function mailJson({ id, mail, receivedAt }: MailboxRow): z.infer<typeof MailboxMail> {
  const { from, to, subject, text, html } = JSON.parse(mail) as Record<string, string | undefined>;
  return {
    id,
    from: from ?? '',
    to: to ?? '',
    subject: subject ?? '',
    text: text ?? null,
    html: html ?? null,
    received_at: new Date(receivedAt).toISOString(),
  };
}
