// /mailbox: the mails that the local mailbox kept. These routes exist only while it is the mail provider.
import { z } from '@hono/zod-openapi';
import { getMailboxMail, type KeptMail, listMailbox, type MailboxRow } from '../../mail/index.ts';
import { jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { iso, isoInstant } from '../iso.ts';
import { createIdPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const MailboxMail = z
  .object({
    id: z.uuid(),
    from: z.string(),
    to: z.string().describe('Several addresses are separated by a comma and a space'),
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
    received_at: isoInstant,
  })
  .openapi('MailboxMail');

const pager = createIdPager('mailbox');

const list = route({
  method: 'get',
  path: '/mailbox',
  access: 'admin',
  refuses: ['not_found', 'invalid_cursor'],
  summary: 'The mails in the local mailbox, newest first',
  request: { query: strictObject(pageQuery({ defaultLimit: 20, maxLimit: 100 })) },
  responses: { 200: jsonReply('A page', pageOf(MailboxMail)) },
});

const get = route({
  method: 'get',
  path: '/mailbox/{id}',
  access: 'admin',
  summary: 'One mail of the local mailbox',
  request: { params: z.object({ id: z.uuid() }) },
  responses: { 200: jsonReply('The mail', MailboxMail) },
});

export const mailbox = resource()
  .openapi(list, async (c) => {
    requireMailbox(c);
    const { limit, cursor } = c.req.valid('query');
    const found = await listMailbox(c.var.services.db, limit + 1, pager.read(cursor));
    const { rows, next_cursor } = pager.page(found, limit, ({ id }) => id);
    return c.json({ items: rows.map(mailJson), next_cursor }, 200);
  })
  .openapi(get, async (c) => {
    requireMailbox(c);
    const row = await getMailboxMail(c.var.services.db, c.req.valid('param').id);
    if (!row) throw new HttpProblem('not_found', { detail: 'The mailbox has no mail with this id.' });
    return c.json(mailJson(row), 200);
  });

function requireMailbox(c: HttpContext): void {
  const { MAIL_PROVIDER } = c.var.services.settings;
  if (MAIL_PROVIDER === 'mailbox') return;
  const detail = `Mail is sent through ${MAIL_PROVIDER}. There is a mailbox only while MAIL_PROVIDER is mailbox.`;
  throw new HttpProblem('not_found', { detail });
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
    received_at: iso(receivedAt),
  };
}
