// POST /upload/image: the seed's upload. POST /upload/images: several at once, of which a bad one fails alone. The pictures
// go to R2, what is made of them are tasks.
import { z } from '@hono/zod-openapi';
import { enqueue } from '../../engine/manage.ts';
import type { Files } from '../../files/index.ts';
import { sniffFormat } from '../../images/index.ts';
import { makeThumbnail } from '../../tasks/index.ts';
import { enqueueFor, formFile } from '../form-file.ts';
import { enqueueBatch, MAX_FORM_BYTES, optionFields } from '../image-request.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';

const MAX_FILES = 100;
/** Each takes a connection to R2; an invocation has six. */
const UPLOADS_AT_ONCE = 5;

const upload = route({
  method: 'post',
  path: '/upload/image',
  access: 'tasks:write',
  maxBodyBytes: MAX_FORM_BYTES,
  summary: 'Upload a picture; its thumbnail is a task',
  request: {
    body: {
      required: true,
      content: { 'multipart/form-data': { schema: z.strictObject({ file: formFile, ...optionFields }) } },
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

const uploadSeveral = route({
  method: 'post',
  path: '/upload/images',
  access: 'tasks:write',
  maxBodyBytes: MAX_FORM_BYTES,
  summary: 'Upload up to 100 pictures in one form; each is a task, and a bad one fails alone',
  request: {
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.strictObject({
            file: z.preprocess(
              (value) => (value === undefined || Array.isArray(value) ? value : [value]),
              z.array(formFile).min(1).max(MAX_FILES),
            ),
            ...optionFields,
          }),
        },
      },
    },
  },
  responses: {
    202: {
      description: 'Kept, and the tasks are enqueued; the last one, `task_id`, results in what became of all',
      content: {
        'application/json': {
          schema: z.object({
            workflow_id: z.uuid(),
            task_id: z.uuid(),
            files: z.array(z.object({ filename: z.string(), task_id: z.uuid(), file: z.string() })),
          }),
        },
      },
    },
  },
});

export const uploads = resource()
  .openapi(upload, async (c) => {
    const { engine, files } = c.var.services;
    const { file, ...options } = c.req.valid('form');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const format = sniffFormat(bytes.subarray(0, 64));
    if (!format) {
      const fault = bytes.length === 0 ? 'is empty' : 'is not a picture this service reads';
      throw new HttpProblem('unsupported_media_type', { detail: `"${file.name}" ${fault}` });
    }
    const stored = await files.upload(bytes, { filename: file.name, contentType: `image/${format}` });
    const input = { ...options, file: stored.key };
    const [receipt] = await enqueueFor(files, [stored.key], () =>
      enqueue(engine, [{ definition: makeThumbnail, input }]),
    );
    const reply = {
      filename: file.name,
      status: 'processing' as const,
      task_id: receipt?.taskId ?? '',
      file: stored.key,
    };
    return c.json(reply, 202);
  })
  .openapi(uploadSeveral, async (c) => {
    const { engine, files } = c.var.services;
    const { file: sent, ...options } = c.req.valid('form');
    const keys = await keepAll(files, sent);
    const { workflowId, resultTaskId, taskIds } = await enqueueFor(files, keys, () =>
      enqueueBatch(engine, keys, options),
    );
    const listed = sent.map(({ name }, index) => ({
      filename: name,
      task_id: taskIds[index] ?? '',
      file: keys[index] ?? '',
    }));
    return c.json({ workflow_id: workflowId, task_id: resultTaskId, files: listed }, 202);
  });

/** Keeps every file, whatever it is, a few at a time; their keys in their order. */
async function keepAll(files: Files, sent: readonly File[]): Promise<string[]> {
  const keys: string[] = [];
  for (let at = 0; at < sent.length; at += UPLOADS_AT_ONCE) {
    const stored = await Promise.all(sent.slice(at, at + UPLOADS_AT_ONCE).map((file) => keep(files, file)));
    keys.push(...stored);
  }
  return keys;
}

/** As a stream, for the form is in memory already: no second copy of it is made. */
async function keep(files: Files, file: File): Promise<string> {
  const about = { filename: file.name, claimedType: file.type, size: file.size };
  return (await files.uploadStream(file.stream(), about)).key;
}
