// /webhooks: mail providers report bounces and complaints here. The routes need no API key; a signature or a token proves who
// sends. While its secret is not set, a route answers 404. The body is read as text, because a signature covers its bytes.
import { z } from '@hono/zod-openapi';
import { type Noted, notePostmarkEvent, noteResendEvent, type Report } from '../../mail/index.ts';
import { jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

/** Postmark may send the whole mail that bounced. */
const MAX_EVENT_BYTES = 1_000_000;

const webhook = <const Path extends string>(path: Path, summary: string) =>
  route({
    method: 'post',
    path,
    access: 'open',
    refuses: ['not_found', 'unauthorized'],
    maxBodyBytes: MAX_EVENT_BYTES,
    summary,
    responses: {
      200: jsonReply('Noted, or ignored', z.object({ suppressed: z.int(), lifted: z.int() })),
    },
  });

const resend = webhook('/webhooks/resend', 'An event of Resend, signed with RESEND_WEBHOOK_SECRET');
const postmark = webhook('/webhooks/postmark', 'An event of Postmark, with POSTMARK_WEBHOOK_TOKEN');

export const webhooks = resource()
  .openapi(resend, async (c) => {
    const { RESEND_WEBHOOK_SECRET } = c.var.services.settings;
    return c.json(await receive(c, noteResendEvent, RESEND_WEBHOOK_SECRET), 200);
  })
  .openapi(postmark, async (c) => {
    const { POSTMARK_WEBHOOK_TOKEN } = c.var.services.settings;
    return c.json(await receive(c, notePostmarkEvent, POSTMARK_WEBHOOK_TOKEN), 200);
  });

async function receive(
  c: HttpContext,
  note: (db: D1Database, report: Report, secret: string) => Promise<Noted | undefined>,
  secret: string | undefined,
): Promise<Noted> {
  const { db, engine } = c.var.services;
  if (!secret)
    throw new HttpProblem('not_found', { detail: 'The secret of this webhook is not set. The operator must set it.' });
  const report = { body: await c.req.text(), headers: c.req.raw.headers, now: engine.clock.now() };
  const noted = await note(db, report, secret);
  if (!noted) throw new HttpProblem('unauthorized');
  return noted;
}
