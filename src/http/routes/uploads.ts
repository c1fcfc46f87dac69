// POST /upload/image: the seed's upload. The picture goes to R2, the thumbnail is a task.
import { z } from '@hono/zod-openapi';
import { enqueue } from '../../engine/index.ts';
import { sniffFormat } from '../../images/index.ts';
import { makeThumbnail, thumbnailOptions } from '../../tasks/index.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

/** A form is held in memory whole, and so is the file while it is decoded; an isolate has 128 MB. */
const MAX_IMAGE_BYTES = 30_000_000;

const upload = route({
  method: 'post',
  path: '/upload/image',
  access: 'tasks:write',
  maxBodyBytes: MAX_IMAGE_BYTES,
  summary: 'Upload a picture; its thumbnail is a task',
  request: {
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({
            file: z
              .custom<File>((value) => value instanceof File, 'must be a file')
              .openapi({ type: 'string', format: 'binary' }),
            width: numeric(thumbnailOptions.shape.width),
            height: numeric(thumbnailOptions.shape.height),
            fit: thumbnailOptions.shape.fit,
            format: thumbnailOptions.shape.format,
            quality: numeric(thumbnailOptions.shape.quality),
          }),
        },
      },
    },
  },
  responses: {
    202: {
      description: 'Kept, and the task is enqueued',
      content: {
        'application/json': {
          schema: z.object({
            filename: z.string(),
            status: z.literal('processing'),
            task_id: z.uuid(),
            file: z.string(),
          }),
        },
      },
    },
  },
});

export const uploads = resource().openapi(upload, async (c) => {
  const { engine, files } = c.var.services;
  const { file, ...options } = c.req.valid('form');
  const bytes = new Uint8Array(await file.arrayBuffer());
  const format = sniffFormat(bytes.subarray(0, 64));
  if (!format)
    throw new HttpProblem('unsupported_media_type', { detail: `"${file.name}" is not a picture this service reads` });
  const stored = await files.upload(bytes, { filename: file.name, contentType: `image/${format}` });
  const [receipt] = await enqueue(engine, [{ definition: makeThumbnail, input: { ...options, file: stored.key } }]);
  const reply = {
    filename: file.name,
    status: 'processing' as const,
    task_id: receipt?.taskId ?? '',
    file: stored.key,
  };
  return c.json(reply, 202);
});

/** Form fields are text: "500" → 500. */
function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema);
}
