// /workflows: enqueue, list, show, revoke and retry.
import { z } from '@hono/zod-openapi';
import {
  EnqueueOptions,
  enqueueWorkflow,
  findWorkflow,
  issuesOf,
  listWorkflows,
  MAX_WORKFLOW_TASKS,
  retryWorkflow,
  revokeWorkflow,
  STATES,
  type Workflow,
  WorkflowName,
} from '../../engine/manage.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { iso, isoInstant } from '../iso.ts';
import { createIdPager, pageOf, pageQuery } from '../page.ts';
import { HttpProblem, type ProblemCode } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateFields, duplicateJson, payloadJson } from '../task-json.ts';
import { checkCallbacks, ENQUEUE_REFUSALS } from '../task-request.ts';
import { readWholeWorkflow } from '../workflow-request.ts';

/** 10,000 nodes and their inputs. */
const MAX_BODY_BYTES = 26_000_000;

const params = z.object({ id: z.uuid() });

const WorkflowJson = z
  .object({
    workflow_id: z.uuid(),
    status: z.enum(['PENDING', 'STARTED', 'SUCCESS', 'FAILURE', 'REVOKED']),
    progress: z.object({ done: z.int(), total: z.int() }),
    name: z.string().nullable().describe('The name it was given'),
    tags: z.array(z.string()),
    created_at: isoInstant,
  })
  .openapi('Workflow');

const WholeWorkflowJson = WorkflowJson.extend({
  result_task_id: z.uuid().describe('The task whose result is the result of the workflow'),
  result: z.unknown(),
  tasks: z.array(
    z.object({
      task_id: z.uuid(),
      name: z.string(),
      node: z.string().nullable().describe('The name of the node of a graph that it belongs to'),
      status: z.enum(STATES),
      not_needed: z.boolean().describe('It is REVOKED only because its parents did not end as it waits for'),
      parents: z.array(z.uuid()),
    }),
  ),
}).openapi('WholeWorkflow');

const reply = jsonReply('The workflow', WholeWorkflowJson);

const NewWorkflow = z.record(z.string(), z.unknown()).openapi({
  description:
    'A node: { name, input?, immutable?, options? }, { chain: [nodes] }, { group: [nodes] }, { chord: { header: [nodes], body: node, on_child_failure? } } or { dag: { NAME: node with after?: [names] and when?: "all_success", "all_done" or "one_failed" } }. `task` may stand for `name`. The top node may also have on_error: node, callback_url and tags; and name, the name of the workflow, unless it is a single task.',
  example: {
    chain: [
      { name: 'demo.add', input: { a: 1, b: 2 } },
      { name: 'demo.echo', input: { value: 'done' } },
    ],
  },
});

const create = route({
  method: 'post',
  path: '/workflows',
  access: 'tasks:write',
  refuses: [...ENQUEUE_REFUSALS, 'too_many_tasks'],
  maxBodyBytes: MAX_BODY_BYTES,
  summary: 'Enqueue a workflow of nested { name }, { chain }, { group }, { chord } and { dag }: all or none',
  request: {
    headers: idempotencyHeader,
    body: jsonBody(NewWorkflow),
  },
  responses: {
    202: locatedReply(
      'Enqueued',
      z.object({
        workflow_id: z.uuid(),
        task_ids: z.array(z.uuid()),
        duplicate: z.boolean().optional().describe('This is an earlier workflow with the same idempotency key'),
        since: duplicateFields.since.describe('When the earlier workflow was enqueued'),
        not_taken: duplicateFields.not_taken.describe(
          'Options of this request that the earlier workflow does not have',
        ),
      }),
    ),
  },
});

const pager = createIdPager('workflows');
const tagName = EnqueueOptions().shape.tags.unwrap().element;

const list = route({
  method: 'get',
  path: '/workflows',
  access: 'tasks:read',
  refuses: ['invalid_cursor'],
  summary: 'List workflows, newest first',
  request: {
    query: strictObject({
      text: z
        .string()
        .trim()
        .regex(/^[0-9a-f][0-9a-f-]{3,35}$/i, 'must be 4 to 36 digits of an id')
        .optional()
        .describe('The beginning of an id, or the last 8 to 12 digits of one of the newest 20,000'),
      name: WorkflowName().optional().describe('Only workflows of this name'),
      tag: tagName.optional().describe('Only workflows with this tag'),
      ...pageQuery({ defaultLimit: 50, maxLimit: 200 }),
    }),
  },
  responses: { 200: jsonReply('A page', pageOf(WorkflowJson)) },
});

const get = route({
  method: 'get',
  path: '/workflows/{id}',
  access: 'tasks:read',
  refuses: ['workflow_not_found'],
  summary: 'A workflow, its progress and its tasks',
  request: {
    params,
    query: strictObject({ limit: z.coerce.number().int().min(0).max(MAX_WORKFLOW_TASKS).default(1000) }),
  },
  responses: { 200: reply },
});

const change = (verb: 'revoke' | 'retry', summary: string, refuses: readonly ProblemCode[]) =>
  route({
    method: 'post',
    path: `/workflows/{id}/${verb}`,
    access: 'tasks:write',
    refuses: ['workflow_not_found', ...refuses],
    summary,
    ...(verb === 'retry' && {
      refusesKey: 'A retry is refused until the workflow has ended again, so leave the header out.',
    }),
    request: { params },
    responses: { 200: reply },
  });

export const workflows = resource()
  .openapi(create, async (c) => {
    const { engine } = c.var.services;
    const { callback_url, ...body } = c.req.valid('json');
    const callbackUrl = readCallback(callback_url);
    checkCallbacks(c, [{ path: 'callback_url', url: callbackUrl }]);
    const { root, ...own } = readWholeWorkflow(engine, body, '');
    const idempotencyKey = idempotencyKeyOf(c);
    const options = { ...own, idempotencyKey, callbackUrl };
    const { workflowId, taskIds, ...receipt } = await enqueueWorkflow(engine, root, options);
    return c.json({ workflow_id: workflowId, task_ids: taskIds, ...duplicateJson(receipt) }, 202, {
      location: `/workflows/${workflowId}`,
    });
  })
  .openapi(list, async (c) => {
    const { limit, cursor, text: idPart, name, tag } = c.req.valid('query');
    const found = await listWorkflows(c.var.services.engine, limit + 1, pager.read(cursor), { idPart, name, tag });
    const { rows, next_cursor } = pager.page(found, limit, ({ id }) => id);
    return c.json({ items: rows.map(workflowJson), next_cursor }, 200);
  })
  .openapi(get, async (c) => c.json(await show(c, c.req.valid('param').id, c.req.valid('query').limit), 200))
  .openapi(change('revoke', 'Revoke the unfinished tasks of a workflow', ['workflow_is_final']), async (c) => {
    const { id } = c.req.valid('param');
    await revokeWorkflow(c.var.services.engine, id);
    return c.json(await show(c, id), 200);
  })
  .openapi(
    change('retry', 'Retry the failed tasks of a workflow, and the tasks that depend on them', [
      'workflow_not_final',
      'workflow_not_failed',
    ]),
    async (c) => {
      const { id } = c.req.valid('param');
      await retryWorkflow(c.var.services.engine, id);
      return c.json(await show(c, id), 200);
    },
  );

function readCallback(json: unknown): string | undefined {
  const url = EnqueueOptions().shape.callbackUrl.safeParse(json);
  if (!url.success) throw new HttpProblem('invalid_request', { issues: issuesOf(url.error, 'callback_url') });
  return url.data;
}

async function show(c: HttpContext, id: string, limit = 1000): Promise<z.infer<typeof WholeWorkflowJson>> {
  const { engine } = c.var.services;
  const { workflow, tasks, result } = await findWorkflow(engine, id, limit);
  const { value } = result ? await payloadJson(engine, result) : { value: null };
  return {
    ...workflowJson(workflow),
    result_task_id: workflow.resultTaskId,
    result: value,
    tasks: tasks.map(({ id: taskId, name, node = null, state, notNeeded, parents }) => {
      return { task_id: taskId, name, node, status: state, not_needed: notNeeded, parents };
    }),
  };
}

function workflowJson(workflow: Workflow): z.infer<typeof WorkflowJson> {
  const { id, status, done, total, name = null, tags, createdAt } = workflow;
  return { workflow_id: id, status, progress: { done, total }, name, tags, created_at: iso(createdAt) };
}
