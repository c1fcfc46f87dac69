// POST /tasks/batch: enqueue many, all or none. GET /tasks?batch_id= lists them.
import { z } from '@hono/zod-openapi';
import { v7 as uuidv7 } from 'uuid';
import { type EnqueueRequest, enqueue, type Issue, MAX_TASKS_PER_CALL } from '../../engine/manage.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateFields, standInJson } from '../task-json.ts';
import {
  checkCallbacks,
  ENQUEUE_REFUSALS,
  MAX_ISSUES,
  MAX_TASKS_BODY_BYTES,
  TaskRequest,
  toRequest,
  unknownTask,
} from '../task-request.ts';

const create = route({
  method: 'post',
  path: '/tasks/batch',
  access: 'tasks:write',
  refuses: [...ENQUEUE_REFUSALS, 'too_many_tasks'],
  maxBodyBytes: MAX_TASKS_BODY_BYTES,
  refusesKey: 'Give each task one instead: tasks.N.options.idempotency_key.',
  summary: 'Enqueue up to 10,000 tasks: all or none',
  request: { body: jsonBody(strictObject({ tasks: z.array(TaskRequest).min(1).max(MAX_TASKS_PER_CALL) })) },
  responses: {
    202: jsonReply(
      'All are enqueued',
      z.object({
        batch_id: z
          .uuid()
          .describe('For GET /tasks?batch_id= and for the filter of POST /tasks/revoke and /tasks/retry'),
        count: z.int(),
        task_ids: z.array(z.uuid()).describe('In the order of the request; an earlier task stands in for a duplicate'),
        duplicates: z
          .array(z.object({ index: z.int().describe('In `tasks`, from 0'), task_id: z.uuid(), ...duplicateFields }))
          .describe('The requests that an earlier task stands in for'),
      }),
    ),
  },
});

export const tasksBatch = resource().openapi(create, async (c) => {
  const { engine } = c.var.services;
  const { tasks: wanted } = c.req.valid('json');
  checkCallbacks(
    c,
    wanted.map(({ options }, index) => ({ path: `tasks.${index}.options.callback_url`, url: options?.callback_url })),
  );
  const issues: Issue[] = [];
  const requests: EnqueueRequest[] = [];
  for (const [index, request] of wanted.entries()) {
    const definition = engine.registry.get(request.name);
    if (definition) requests.push(toRequest(definition, request));
    else if (issues.length < MAX_ISSUES)
      issues.push({ path: `tasks.${index}.name`, message: unknownTask(engine, request.name) });
  }
  if (issues.length > 0) throw new HttpProblem('invalid_request', { issues });
  const batchId = uuidv7();
  const receipts = await enqueue(engine, requests, { path: (index) => `tasks.${index}`, batchId });
  const taskIds = receipts.map(({ taskId }) => taskId);
  const duplicates = receipts.flatMap((receipt, index) =>
    receipt.duplicate ? [{ index, task_id: receipt.taskId, ...standInJson(receipt) }] : [],
  );
  return c.json({ batch_id: batchId, count: taskIds.length, task_ids: taskIds, duplicates }, 202);
});
