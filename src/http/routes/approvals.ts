// /approvals: what waits for a person. /approve/{token}: a page on which a person decides without an API key; the signature in the
// token proves that the link came from here. GET must change nothing, because mail scanners open every link.
import { z } from '@hono/zod-openapi';
import { html } from 'hono/html';
import {
  type ApprovalState,
  decideApproval,
  EngineError,
  findApproval,
  listApprovals,
  readApprovalToken,
} from '../../engine/manage.ts';
import { jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { iso, isoInstant } from '../iso.ts';
import { createPager, pageOf, pageQuery } from '../page.ts';
import { resource, route } from '../route.ts';
import { minuteOf, SMALL_PAGE_HEADERS, smallPage } from '../small-page.ts';
import { strictObject } from '../strict-object.ts';

const ApprovalJson = z
  .object({
    task_id: z.uuid(),
    task: z.string().describe('The name of the task'),
    step: z.object({ name: z.string(), occurrence: z.int() }),
    title: z.string(),
    details: z.record(z.string(), z.unknown()),
    since: isoInstant,
    until: isoInstant.describe('When it times out'),
  })
  .openapi('Approval');

const pager = createPager('approvals', (position) => /^\d+ [\da-f-]{36} \d+$/.test(position));

const list = route({
  method: 'get',
  path: '/approvals',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'What waits for the decision of a person, the oldest first',
  request: { query: strictObject(pageQuery({ defaultLimit: 50, maxLimit: 200 })) },
  responses: { 200: jsonReply('A page', pageOf(ApprovalJson)) },
});

const params = z.object({ token: z.string().max(4000).describe('From the link that the task has sent') });
const page = (description: string) => ({ description, content: { 'text/html': { schema: z.string() } } });

const show = route({
  method: 'get',
  path: '/approve/{token}',
  access: 'open',
  refuses: ['approval_not_found'],
  summary: 'A page with the buttons Approve and Reject. Changes nothing',
  request: { params },
  responses: { 200: page('The page') },
});

const decide = route({
  method: 'post',
  path: '/approve/{token}',
  access: 'open',
  refuses: ['approval_not_found'],
  summary: 'Decide with the button of that page, once',
  request: {
    params,
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: z.object({ decision: z.enum(['approve', 'reject']), note: z.string().max(2000).optional() }),
        },
      },
    },
  },
  responses: { 200: page('Decided'), 409: page('It was decided before'), 410: page('It can no longer be decided') },
});

export const approvals = resource()
  .openapi(list, async (c) => {
    const { engine } = c.var.services;
    const { limit, cursor } = c.req.valid('query');
    const [startedAt, taskId = '', position] = pager.read(cursor)?.split(' ') ?? [];
    const after =
      startedAt === undefined ? undefined : { startedAt: Number(startedAt), taskId, position: Number(position) };
    const found = await listApprovals(engine, limit + 1, after);
    const { rows, next_cursor } = pager.page(found, limit, (one) => `${one.startedAt} ${one.taskId} ${one.position}`);
    const items = rows.map(({ taskId: task_id, task, name, occurrence, title, details, startedAt: since, until }) => ({
      ...{ task_id, task, step: { name, occurrence }, title },
      details: details === null ? {} : (JSON.parse(details) as Record<string, unknown>),
      ...{ since: iso(since), until: iso(until) },
    }));
    return c.json({ items, next_cursor }, 200);
  })
  .openapi(show, async (c) => {
    const found = await findApproval(c.var.services.engine, await nameOf(c, c.req.valid('param').token));
    return c.html(smallPage(titleOf(found), bodyOf(found)), 200, SMALL_PAGE_HEADERS);
  })
  .openapi(decide, async (c) => {
    const { engine } = c.var.services;
    const name = await nameOf(c, c.req.valid('param').token);
    const { decision, note } = c.req.valid('form');
    const approved = decision === 'approve';
    const status = await decideApproval(engine, name, { approved, by: 'link', note: note || null }).then(
      () => 200 as const,
      (error: unknown) => statusOf(error),
    );
    const found = await findApproval(engine, name);
    return c.html(smallPage(titleOf(found), bodyOf(found)), status, SMALL_PAGE_HEADERS);
  });

/** Throws EngineError `approval_not_found` for a token that was not made here. */
async function nameOf(c: HttpContext, token: string) {
  const { LINK_SECRET } = c.var.services.settings;
  const name = LINK_SECRET ? await readApprovalToken(LINK_SECRET, token) : undefined;
  if (name) return name;
  throw new EngineError(
    'approval_not_found',
    'this is not a link from here, or it is not complete; open the link again',
  );
}

function statusOf(error: unknown): 409 | 410 {
  if (error instanceof EngineError && error.code === 'approval_decided') return 409;
  if (error instanceof EngineError && error.code === 'approval_expired') return 410;
  throw error;
}

const TITLES = { decided: 'Decided', expired: 'Too late', closed: 'No longer needed' } as const;

function titleOf({ state, step }: ApprovalState): string {
  return state === 'open' ? (step.about?.title ?? 'Approval') : TITLES[state];
}

function bodyOf({ state, step, task, decision }: ApprovalState) {
  const title = step.about?.title ?? '';
  if (decision) {
    const verb = decision.approved ? 'approved' : 'rejected';
    return html`<p><strong>${title}</strong> was ${verb} on ${minuteOf(decision.at)}.</p>${decision.note === null ? '' : html`<p>Note: ${decision.note}</p>`}`;
  }
  if (state === 'expired') return html`<p>The time to decide about <strong>${title}</strong> is over.</p>`;
  if (state === 'closed') return html`<p>The task that asked about <strong>${title}</strong> has ended.</p>`;
  const rows = Object.entries(step.about?.details ?? {}).map(
    ([name, value]) => html`<dt>${name}</dt><dd>${String(value)}</dd>`,
  );
  return html`<dl>${rows}</dl>
<form method="post">
<label>Note <textarea name="note" rows="3" maxlength="2000"></textarea></label>
<p><button name="decision" value="approve">Approve</button> <button name="decision" value="reject" class="second">Reject</button></p>
</form>
<p><small>Asked by the task ${task} on ${minuteOf(step.startedAt)}. You can decide until ${minuteOf(step.until ?? 0)}.</small></p>`;
}
