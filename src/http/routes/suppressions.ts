// /suppressions: addresses that get no mail, because mail to them bounced or was called spam.
import { z } from '@hono/zod-openapi';
import { liftSuppression, listSuppressions, normaliseAddress, type SuppressionRow } from '../../mail/index.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

const Suppression = z
  .object({
    address: z.string(),
    reason: z.enum(['bounce', 'complaint', 'provider']),
    detail: z.string().nullable(),
    provider: z.string(),
    created_at: z.iso.datetime(),
  })
  .openapi('Suppression');

const list = route({
  method: 'get',
  path: '/suppressions',
  access: 'tasks:read',
  summary: 'Addresses that get no mail, in alphabetical order',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(200).default(50),
      cursor: z.string().max(254).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page',
      content: {
        'application/json': { schema: z.object({ items: z.array(Suppression), next_cursor: z.string().nullable() }) },
      },
    },
  },
});

const lift = route({
  method: 'delete',
  path: '/suppressions/{address}',
  access: 'tasks:write',
  summary: 'Let mail go to the address again',
  request: { params: z.object({ address: z.string().max(254) }) },
  responses: { 204: { description: 'Lifted' } },
});

export const suppressions = resource()
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const rows = await listSuppressions(c.var.services.db, limit + 1, cursor);
    const items = rows.slice(0, limit).map(suppressionJson);
    return c.json({ items, next_cursor: rows.length > limit ? (items.at(-1)?.address ?? null) : null }, 200);
  })
  .openapi(lift, async (c) => {
    const { db, engine } = c.var.services;
    const address = normaliseAddress(c.req.valid('param').address);
    if (!(await liftSuppression(db, { address, liftedAt: engine.clock.now() }))) throw new HttpProblem('not_found');
    return c.body(null, 204);
  });

function suppressionJson({ createdAt, ...row }: SuppressionRow): z.infer<typeof Suppression> {
  return { ...row, created_at: new Date(createdAt).toISOString() };
}
