// /tasks/{id}/steps: what a task has recorded; decide its approvals, fork it.
import { z } from '@hono/zod-openapi';
import {
  costOfSteps,
  decideApproval,
  findTask,
  forkTask,
  listSteps,
  openStep,
  WORKFLOWS_PRICES,
} from '../../engine/manage.ts';
import { jsonBody, jsonReply, locatedReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { resource, route } from '../route.ts';
import { StepJson, StepNameJson, stepJson, stepNameOf, wholeStepJson } from '../step-json.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, TaskJson, taskJson } from '../task-json.ts';
import { ENQUEUE_REFUSALS } from '../task-request.ts';

const params = z.object({ id: z.uuid() });

const StepsJson = z.object({
  items: z.array(StepJson),
  cost_usd: z.number().describe('Estimated cost of the steps, without that of the attempts'),
  cost_in_workflows_usd: z
    .number()
    .describe(
      `What as many steps cost in Cloudflare Workflows beyond its included ones, as of ${WORKFLOWS_PRICES.asOf}`,
    ),
});

const list = route({
  method: 'get',
  path: '/tasks/{id}/steps',
  access: 'tasks:read',
  refuses: ['task_not_found'],
  isWhole: true,
  summary: 'The steps that a task has recorded, in the order in which its code asked for them',
  request: { params },
  responses: { 200: jsonReply('The steps', StepsJson) },
});

const one = route({
  method: 'get',
  path: '/tasks/{id}/steps/{name}',
  access: 'tasks:read',
  refuses: ['task_not_found', 'step_not_found'],
  summary: 'One step with its whole result, of any size',
  request: {
    params: params.extend({ name: z.string().min(1).max(256).describe('Percent-encoded') }),
    query: strictObject({
      occurrence: z.coerce.number().int().min(1).default(1).describe('1 for the first step of this name in the task'),
    }),
  },
  responses: { 200: jsonReply('The step', StepJson) },
});

export const NoteJson = z.string().max(2000).describe('Kept with the decision');

const decide = route({
  method: 'post',
  path: '/tasks/{id}/approvals',
  access: 'tasks:write',
  refusesKey: 'An approval is decided once, so leave the header out.',
  refuses: ['approval_not_found', 'approval_decided', 'approval_expired'],
  summary: 'Approve or reject what a task waits for. Its task goes on at once',
  request: {
    params,
    body: jsonBody(
      strictObject({ step: StepNameJson, approved: z.boolean(), note: NoteJson.optional() }).openapi(
        'ApprovalDecision',
      ),
    ),
  },
  responses: { 200: jsonReply('The step with the decision', StepJson) },
});

const fork = route({
  method: 'post',
  path: '/tasks/{id}/fork',
  access: 'tasks:write',
  refuses: [...ENQUEUE_REFUSALS, 'task_not_found', 'task_in_workflow', 'step_not_found', 'unknown_task'],
  summary: 'Enqueue a new task with the same input, which begins with the steps before one of these',
  request: {
    params,
    headers: idempotencyHeader,
    body: jsonBody(
      strictObject({ from_step: StepNameJson.describe('The first step that the new task runs itself') }).openapi(
        'Fork',
      ),
    ),
  },
  responses: { 202: locatedReply('The new task', TaskJson) },
});

export const steps = resource()
  .openapi(list, async (c) => {
    const { engine } = c.var.services;
    const found = await listSteps(engine, c.req.valid('param').id);
    const { here, inWorkflows } = costOfSteps(found);
    const items = found.map((step) => stepJson(step, engine.clock.now()));
    return c.json({ items, cost_usd: here, cost_in_workflows_usd: inWorkflows }, 200);
  })
  .openapi(one, async (c) => {
    const { engine } = c.var.services;
    const { id, name } = c.req.valid('param');
    const whole = await openStep(engine, id, { name, occurrence: c.req.valid('query').occurrence });
    // It may be a stream, which c.json() cannot type.
    return c.body(wholeStepJson(whole, engine.clock.now()), 200, { 'content-type': 'application/json' }) as never;
  })
  .openapi(decide, async (c) => {
    const { engine } = c.var.services;
    const { step, approved, note = null } = c.req.valid('json');
    const name = { taskId: c.req.valid('param').id, ...stepNameOf(step) };
    const by = c.get('caller')?.name ?? 'api';
    const decided = await decideApproval(engine, name, { approved, by, note });
    return c.json(stepJson(decided.step, engine.clock.now()), 200);
  })
  .openapi(fork, async (c) => {
    const { engine } = c.var.services;
    const from = stepNameOf(c.req.valid('json').from_step);
    const receipt = await forkTask(engine, c.req.valid('param').id, from, { idempotencyKey: idempotencyKeyOf(c) });
    const { taskId } = receipt;
    const task = await taskJson(engine, await findTask(engine, taskId));
    return c.json({ ...task, ...duplicateJson(receipt) }, 202, { location: `/tasks/${taskId}` });
  });
