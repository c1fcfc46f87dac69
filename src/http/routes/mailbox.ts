// /mailbox: what the local mailbox caught. Exists only while it is the mail provider.
import { z } from '@hono/zod-openapi';
import { getMailboxMail, type KeptMail, listMailbox, type MailboxRow } from '../../mail/index.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

const MailboxMail = z
  .object({
    id: z.uuid(),
    from: z.string(),
    /** Several are separated by a comma and a space. */
    to: z.string(),
    cc: z.array(z.string()),
    bcc: z.array(z.string()),
    reply_to: z.string().nullable(),
    subject: z.string(),
    text: z.string().nullable(),
    html: z.string().nullable(),
    headers: z.record(z.string(), z.string()),
    tags: z.array(z.object({ name: z.string(), value: z.string() })),
    attachments: z.array(
      z.object({
        filename: z.string(),
        content_type: z.string(),
        content_id: z.string().optional(),
        bytes: z.int(),
      }),
    ),
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
  const kept = JSON.parse(mail) as KeptMail;
  return {
    id,
    from: kept.from,
    to: [kept.to].flat().join(', '),
    cc: kept.cc ?? [],
    bcc: kept.bcc ?? [],
    reply_to: kept.reply_to ?? null,
    subject: kept.subject,
    text: kept.text ?? null,
    html: kept.html ?? null,
    headers: kept.headers ?? {},
    tags: kept.tags ?? [],
    attachments: kept.attachments ?? [],
    received_at: new Date(receivedAt).toISOString(),
  };
}
