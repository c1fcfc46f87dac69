// /suppressions: the addresses that get no mail, because mail to them bounced or was reported as spam.
import { z } from '@hono/zod-openapi';
import { liftSuppression, listSuppressions, normaliseAddress, type SuppressionRow } from '../../mail/index.ts';
import { jsonReply } from '../content.ts';
import { iso, isoInstant } from '../iso.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const Suppression = z
  .object({
    address: z.string(),
    reason: z.enum(['bounce', 'complaint', 'provider']),
    detail: z.string().nullable(),
    provider: z.string(),
    created_at: isoInstant,
  })
  .openapi('Suppression');

const pager = createPager('suppressions');

const list = route({
  method: 'get',
  path: '/suppressions',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'Addresses that get no mail, in alphabetical order',
  request: { query: strictObject(pageQuery({ defaultLimit: 50, maxLimit: 200 })) },
  responses: { 200: jsonReply('A page', pageOf(Suppression)) },
});

const lift = route({
  method: 'delete',
  path: '/suppressions/{address}',
  access: 'tasks:write',
  summary: 'Allow mail to an address again',
  request: { params: z.object({ address: z.string().max(254) }) },
  responses: { 204: { description: 'Lifted' } },
});

export const suppressions = resource()
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await listSuppressions(c.var.services.db, limit + 1, pager.read(cursor));
    const { rows, next_cursor } = pager.page(found, limit, ({ address }) => address);
    return c.json({ items: rows.map(suppressionJson), next_cursor }, 200);
  })
  .openapi(lift, async (c) => {
    const { db, engine } = c.var.services;
    const address = normaliseAddress(c.req.valid('param').address);
    const lifted = await liftSuppression(db, { address, liftedAt: engine.clock.now() });
    if (!lifted) throw new HttpProblem('not_found', { detail: `The address "${address}" is not suppressed.` });
    return c.body(null, 204);
  });

function suppressionJson({ createdAt, ...row }: SuppressionRow): z.infer<typeof Suppression> {
  return { ...row, created_at: iso(createdAt) };
}
