// POST /batch/images: pictures that are in R2 already, as one workflow. One that cannot be read fails alone.
import { z } from '@hono/zod-openapi';
import { thumbnailOptions } from '../../tasks/index.ts';
import { enqueueBatch } from '../image-request.ts';
import { resource, route } from '../route.ts';

const MAX_FILES = 10_000;
/** What the collecting task reads and writes at once must fit into its memory and into one result. */
const MAX_OUTPUTS = 20_000;
const MAX_BODY_BYTES = 2_000_000;

const BatchBody = thumbnailOptions
  .extend({ files: z.array(z.string().startsWith('uploads/').max(200)).min(1).max(MAX_FILES) })
  .strict()
  .refine(({ files, variants }) => files.length * (variants?.length ?? 1) <= MAX_OUTPUTS, {
    path: ['files'],
    message: `files times variants must be at most ${MAX_OUTPUTS}`,
  });

const batch = route({
  method: 'post',
  path: '/batch/images',
  access: 'tasks:write',
  maxBodyBytes: MAX_BODY_BYTES,
  summary: 'Make thumbnails of up to 10,000 files by their keys; GET /workflows/{id} shows the progress',
  request: { body: { required: true, content: { 'application/json': { schema: BatchBody } } } },
  responses: {
    202: {
      description: 'Enqueued; the task `task_id` results in { done, failed }',
      content: {
        'application/json': { schema: z.object({ workflow_id: z.uuid(), task_id: z.uuid(), count: z.int() }) },
      },
    },
  },
});

export const images = resource().openapi(batch, async (c) => {
  const { files, ...options } = c.req.valid('json');
  const { workflowId, resultTaskId } = await enqueueBatch(c.var.services.engine, files, options);
  return c.json({ workflow_id: workflowId, task_id: resultTaskId, count: files.length }, 202);
});
