// /suppressions: the addresses that get no mail, because mail to them bounced or was reported as spam, or because they
// unsubscribed.
import { z } from '@hono/zod-openapi';
import {
  liftSuppression,
  listSuppressions,
  normaliseAddress,
  type SuppressionReason,
  type SuppressionRow,
} from '../../mail/index.ts';
import { jsonReply } from '../content.ts';
import { iso, isoInstant } from '../iso.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';

const REASONS = ['bounce', 'complaint', 'provider', 'unsubscribe'] as const satisfies SuppressionReason[];
const Reason = z
  .enum(REASONS)
  .describe('`unsubscribe` holds for mail that is not transactional, each other one for all mail');

const Suppression = z
  .object({
    address: z.string(),
    reason: Reason,
    detail: z.string().nullable(),
    provider: z.string(),
    created_at: isoInstant,
  })
  .openapi('Suppression');

/** A position is the reason, a space, and the address. */
const positionOf = ({ address, reason }: Position) => `${reason} ${address}`;
const pager = createPager('suppressions', (position) => readPosition(position) !== undefined);

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
  request: {
    params: z.object({ address: z.string().max(254) }),
    query: strictObject({
      reason: Reason.optional().describe('Only the suppression for this reason. Default: each one'),
    }),
  },
  responses: { 204: { description: 'Lifted' } },
});

export const suppressions = resource()
  .openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const found = await listSuppressions(c.var.services.db, limit + 1, readPosition(pager.read(cursor)));
    const { rows, next_cursor } = pager.page(found, limit, positionOf);
    return c.json({ items: rows.map(suppressionJson), next_cursor }, 200);
  })
  .openapi(lift, async (c) => {
    const { db, engine } = c.var.services;
    const address = normaliseAddress(c.req.valid('param').address);
    const { reason } = c.req.valid('query');
    const lifted = await liftSuppression(db, { address, liftedAt: engine.clock.now(), reason });
    if (!lifted) throw new HttpProblem('not_found', { detail: `The address "${address}" is not suppressed.` });
    return c.body(null, 204);
  });

type Position = Pick<SuppressionRow, 'address' | 'reason'>;

function readPosition(position = ''): Position | undefined {
  const [, word, address] = position.match(/^(\w+) (.+)$/s) ?? [];
  const reason = REASONS.find((known) => known === word);
  return reason && address !== undefined ? { address, reason } : undefined;
}

function suppressionJson({ createdAt, ...row }: SuppressionRow): z.infer<typeof Suppression> {
  return { ...row, created_at: iso(createdAt) };
}
