// /unsubscribe/{token}: a recipient unsubscribes without an API key; the signature in the token proves that the link came from a
// mail to this address. GET must change nothing, because mail scanners open every link. POST must not redirect (RFC 8058).
import { z } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { readUnsubscribeToken, unsubscribe } from '../../mail/index.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { SMALL_PAGE_HEADERS, smallPage } from '../small-page.ts';

const params = z.object({ token: z.string().max(500).describe('From the header List-Unsubscribe of a mail') });
const page = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } });

const show = route({
  method: 'get',
  path: '/unsubscribe/{token}',
  access: 'open',
  summary: 'A page with a button that unsubscribes the recipient of a mail. Changes nothing',
  request: { params },
  responses: { 200: page('The page') },
});

const confirm = route({
  method: 'post',
  path: '/unsubscribe/{token}',
  access: 'open',
  summary: 'Unsubscribe the recipient of a mail, by one click (RFC 8058)',
  request: { params },
  responses: { 200: page('Unsubscribed') },
});

export const unsubscriptions = resource()
  .openapi(show, async (c) => {
    const address = await addressOf(c, c.req.valid('param').token);
    return c.html(smallPage('Unsubscribe', ask(address)), 200, SMALL_PAGE_HEADERS);
  })
  .openapi(confirm, async (c) => {
    const address = await addressOf(c, c.req.valid('param').token);
    const { db, engine } = c.var.services;
    await unsubscribe(db, address, engine.clock.now());
    return c.html(smallPage('Unsubscribed', thank(address)), 200, SMALL_PAGE_HEADERS);
  });

async function addressOf(c: HttpContext, token: string): Promise<string> {
  const { UNSUBSCRIBE_SECRET } = c.var.services.settings;
  const address = UNSUBSCRIBE_SECRET ? await readUnsubscribeToken(UNSUBSCRIBE_SECRET, token) : undefined;
  if (address !== undefined) return address;
  const detail = 'This is not a link of a mail from here, or it is not complete. Open the link in the mail again.';
  throw new HttpProblem('not_found', { detail });
}

const ask = (
  address: string,
) => html`<p>Do you want to stop mails such as summaries and news to <strong>${address}</strong>?</p>
<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>`;

const thank = (address: string) =>
  html`<p><strong>${address}</strong> gets no more mails such as summaries and news. Mails about the account itself still arrive.</p>`;
