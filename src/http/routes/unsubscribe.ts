// /unsubscribe/{token}: a recipient unsubscribes without an API key; the signature in the token proves that the link came from a
// mail to this address. GET must change nothing, because mail scanners open every link. POST must not redirect (RFC 8058).
import { z } from '@hono/zod-openapi';
import { html } from 'hono/html';
import { readUnsubscribeToken, unsubscribe } from '../../mail/index.ts';
import type { HttpContext } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

/** No script, nothing from elsewhere, and no other page may show this one in a frame and steal the click. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

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
    return c.html(shell('Unsubscribe', ask(address)), 200, HEADERS);
  })
  .openapi(confirm, async (c) => {
    const address = await addressOf(c, c.req.valid('param').token);
    const { db, engine } = c.var.services;
    await unsubscribe(db, address, engine.clock.now());
    return c.html(shell('Unsubscribed', thank(address)), 200, HEADERS);
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

const shell = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
body{margin:0;padding:10vh 1.5rem;font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:32rem;margin:auto;overflow-wrap:anywhere}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}
</style>
</head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>`;
