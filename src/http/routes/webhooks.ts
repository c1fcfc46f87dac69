// /webhooks: what mail providers report of addresses. Open to everybody, but what comes must prove who sent it; a route
// whose secret is not set is not there. The body is read as text: a signature covers its very bytes.
import { z } from '@hono/zod-openapi';
import { type Noted, notePostmarkEvent, noteResendEvent, type Report } from '../../mail/index.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

/** Postmark may send the whole mail that came back. */
const MAX_EVENT_BYTES = 1_000_000;

const webhook = <const Path extends string>(path: Path, summary: string) =>
  route({
    method: 'post',
    path,
    access: 'open',
    maxBodyBytes: MAX_EVENT_BYTES,
    summary,
    responses: {
      200: {
        description: 'Noted, or of no interest',
        content: { 'application/json': { schema: z.object({ suppressed: z.int(), lifted: z.int() }) } },
      },
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
  if (!secret) throw new HttpProblem('not_found', { detail: 'this webhook is not configured' });
  const report = { body: await c.req.text(), headers: c.req.raw.headers, now: engine.clock.now() };
  const noted = await note(db, report, secret);
  if (!noted) throw new HttpProblem('unauthorized');
  return noted;
}
