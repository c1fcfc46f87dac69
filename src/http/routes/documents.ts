// POST /documents: a task writes a PDF from a model. POST /upload/document is in uploads.ts.
import { z } from '@hono/zod-openapi';
import { DocumentModel } from '../../documents/index.ts';
import { enqueueOne } from '../../engine/manage.ts';
import { writeDocument } from '../../tasks/index.ts';
import { jsonBody, locatedReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { resource, route } from '../route.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

/** A model within its limits is smaller than the largest input of a task, 25 MB. */
const MAX_MODEL_BYTES = 26_000_000;

const create = route({
  method: 'post',
  path: '/documents',
  access: 'tasks:write',
  refuses: ['invalid_input', 'input_too_large', 'idempotency_conflict', 'backlog_full'],
  maxBodyBytes: MAX_MODEL_BYTES,
  summary: 'Write a PDF from a model of title, headings, paragraphs, lists, tables and images',
  request: { headers: idempotencyHeader, body: jsonBody(DocumentModel()) },
  responses: {
    202: locatedReply(
      'The task is enqueued',
      z.object({ task_id: z.uuid(), status: z.literal('processing'), ...repeatFields }),
    ),
  },
});

export const documents = resource().openapi(create, async (c) => {
  const { taskId, ...receipt } = await enqueueOne(c.var.services.engine, {
    definition: writeDocument,
    input: c.req.valid('json'),
    options: { idempotencyKey: idempotencyKeyOf(c) },
  });
  const reply = { task_id: taskId, status: 'processing' as const, ...duplicateJson(receipt) };
  return c.json(reply, 202, { location: `/tasks/${taskId}` });
});
