// POST /batch/images: thumbnails of pictures that are in R2 already, as one workflow. A picture that cannot be read fails alone.
import { z } from '@hono/zod-openapi';
import { thumbnailOptions } from '../../tasks/index.ts';
import { jsonBody, jsonReply } from '../content.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { enqueueBatch } from '../image-request.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

const MAX_FILES = 10_000;
/** The task that collects the outputs holds all of them in memory, and its result must fit into one payload. */
const MAX_OUTPUTS = 20_000;
const MAX_BODY_BYTES = 2_000_000;

const fileKey = z.string().startsWith('uploads/', 'The key of an uploaded file begins with "uploads/".').max(200);

const BatchBody = strictObject({ ...thumbnailOptions().shape, files: z.array(fileKey).min(1).max(MAX_FILES) }).refine(
  ({ files, variants }) => files.length * (variants?.length ?? 1) <= MAX_OUTPUTS,
  {
    path: ['files'],
    message: `The number of files times the number of variants may be at most ${MAX_OUTPUTS}.`,
  },
);

const create = route({
  method: 'post',
  path: '/batch/images',
  access: 'tasks:write',
  refuses: ['invalid_input', 'input_too_large', 'too_many_tasks', 'idempotency_conflict', 'backlog_full'],
  maxBodyBytes: MAX_BODY_BYTES,
  summary: 'Make thumbnails of up to 10,000 files by their keys; GET /workflows/{id} shows the progress',
  request: { headers: idempotencyHeader, body: jsonBody(BatchBody) },
  responses: {
    202: jsonReply(
      'Enqueued; the result of `task_id` is { done, failed }',
      z.object({ workflow_id: z.uuid(), task_id: z.uuid(), count: z.int(), ...repeatFields }),
    ),
  },
});

export const batchImages = resource().openapi(create, async (c) => {
  const { files, ...options } = c.req.valid('json');
  const { workflowId, resultTaskId, ...receipt } = await enqueueBatch(
    c.var.services.engine,
    files,
    options,
    idempotencyKeyOf(c),
  );
  const reply = { workflow_id: workflowId, task_id: resultTaskId, count: files.length };
  return c.json({ ...reply, ...duplicateJson(receipt) }, 202);
});
