// POST /documents: a PDF from a model. POST /upload/document: a file whose contents are extracted. Both are tasks.
import { z } from '@hono/zod-openapi';
import { CONTENT_TYPES, DocumentError, DocumentModel, HEAD_BYTES, sniffDocument } from '../../documents/index.ts';
import { enqueue } from '../../engine/manage.ts';
import { sniffFormat } from '../../images/index.ts';
import { extractDocument, extractOptions, writeDocument } from '../../tasks/index.ts';
import { enqueueFor, formFile } from '../form-file.ts';
import { json, resource, route } from '../route.ts';

/** A model within its limits stays below the 25 MB of a task's input. */
const MAX_MODEL_BYTES = 26_000_000;
/** A form is held in memory whole; an isolate has 128 MB. */
const MAX_UPLOAD_BYTES = 30_000_000;

const create = route({
  method: 'post',
  path: '/documents',
  access: 'tasks:write',
  maxBodyBytes: MAX_MODEL_BYTES,
  summary: 'Write a PDF from a model of title, headings, paragraphs, lists, tables and images',
  request: { body: { required: true, ...json(DocumentModel) } },
  responses: {
    202: {
      description: 'The task is enqueued',
      headers: z.object({ location: z.string() }),
      ...json(z.object({ task_id: z.uuid(), status: z.literal('processing') })),
    },
  },
});

const { password, max_rows: maxRows } = extractOptions.shape;

const upload = route({
  method: 'post',
  path: '/upload/document',
  access: 'tasks:write',
  maxBodyBytes: MAX_UPLOAD_BYTES,
  summary: 'Upload a PDF, CSV, XLSX, JSON or picture; what it holds is extracted by a task',
  request: {
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.strictObject({
            file: formFile,
            password,
            max_rows: z.preprocess(
              (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
              maxRows,
            ),
          }),
        },
      },
    },
  },
  responses: {
    202: {
      description: 'Kept, and the task is enqueued',
      ...json(z.object({ filename: z.string(), status: z.literal('processing'), task_id: z.uuid(), file: z.string() })),
    },
  },
});

export const documents = resource()
  .openapi(create, async (c) => {
    const [receipt] = await enqueue(c.var.services.engine, [{ definition: writeDocument, input: c.req.valid('json') }]);
    const taskId = receipt?.taskId ?? '';
    return c.json({ task_id: taskId, status: 'processing' as const }, 202, { location: `/tasks/${taskId}` });
  })
  .openapi(upload, async (c) => {
    const { engine, files } = c.var.services;
    const { file, ...options } = c.req.valid('form');
    const bytes = new Uint8Array(await file.arrayBuffer());
    // Whatever it is, it is kept; that it cannot be read is for the task to say.
    const stored = await files.upload(bytes, { filename: file.name, contentType: await contentTypeOf(bytes) });
    const input = { ...options, file: stored.key };
    const [receipt] = await enqueueFor(files, [stored.key], () =>
      enqueue(engine, [{ definition: extractDocument, input }]),
    );
    const reply = {
      filename: file.name,
      status: 'processing' as const,
      task_id: receipt?.taskId ?? '',
      file: stored.key,
    };
    return c.json(reply, 202);
  });

/** What the bytes are, not what the uploader calls them. */
async function contentTypeOf(bytes: Uint8Array): Promise<string> {
  const picture = sniffFormat(bytes.subarray(0, HEAD_BYTES));
  if (picture) return `image/${picture}`;
  try {
    return CONTENT_TYPES[await sniffDocument(bytes.length, async (length) => bytes.subarray(0, length))];
  } catch (error) {
    if (error instanceof DocumentError) return 'application/octet-stream';
    throw error;
  }
}
