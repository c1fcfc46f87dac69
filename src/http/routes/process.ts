// POST /process: cleans and saves any JSON object, as a chain of three tasks.
import { z } from '@hono/zod-openapi';
import { chain } from '../../engine/index.ts';
import { enqueueWorkflow } from '../../engine/manage.ts';
import { processData, saveData, validateData } from '../../tasks/index.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { resource, route } from '../route.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

const create = route({
  method: 'post',
  path: '/process',
  access: 'tasks:write',
  refuses: ['invalid_input', 'input_too_large', 'idempotency_conflict', 'backlog_full'],
  maxBodyBytes: 1_048_576,
  summary: 'Validate, process and save a JSON object: a chain of three tasks',
  request: {
    headers: idempotencyHeader,
    body: jsonBody(z.record(z.string(), z.json()).openapi({ type: 'object' })),
  },
  responses: {
    202: jsonReply(
      'Enqueued; `task_id` is the last task of the chain',
      z.object({ task_id: z.uuid(), workflow_id: z.uuid(), ...repeatFields }),
    ),
  },
});

export const processing = resource().openapi(create, async (c) => {
  const data = c.req.valid('json');
  const links = chain(validateData.s({ data }), processData.s(), saveData.s());
  const idempotencyKey = idempotencyKeyOf(c);
  const { engine } = c.var.services;
  const { workflowId, resultTaskId, ...receipt } = await enqueueWorkflow(engine, links.node, { idempotencyKey });
  return c.json({ task_id: resultTaskId, workflow_id: workflowId, ...duplicateJson(receipt) }, 202);
});
