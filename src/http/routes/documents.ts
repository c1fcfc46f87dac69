// POST /documents: a task writes a PDF from a model. POST /upload/document is in uploads.ts.
import { z } from '@hono/zod-openapi';
import { DocumentModel } from '../../documents/index.ts';
import { enqueueOne } from '../../engine/manage.ts';
import { writeDocument } from '../../tasks/index.ts';
import { jsonBody, locatedReply } from '../content.ts';
import { resource, route } from '../route.ts';

/** A model within its limits is smaller than the largest input of a task, 25 MB. */
const MAX_MODEL_BYTES = 26_000_000;

const create = route({
  method: 'post',
  path: '/documents',
  access: 'tasks:write',
  refuses: ['invalid_input', 'input_too_large', 'backlog_full'],
  maxBodyBytes: MAX_MODEL_BYTES,
  summary: 'Write a PDF from a model of title, headings, paragraphs, lists, tables and images',
  request: { body: jsonBody(DocumentModel) },
  responses: {
    202: locatedReply('The task is enqueued', z.object({ task_id: z.uuid(), status: z.literal('processing') })),
  },
});

export const documents = resource().openapi(create, async (c) => {
  const { taskId } = await enqueueOne(c.var.services.engine, { definition: writeDocument, input: c.req.valid('json') });
  return c.json({ task_id: taskId, status: 'processing' as const }, 202, { location: `/tasks/${taskId}` });
});
