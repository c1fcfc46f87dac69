// POST /upload/image, /upload/images, /upload/document: stores files in R2 and enqueues a task for each.
import { z } from '@hono/zod-openapi';
import { CONTENT_TYPES, DocumentError, HEAD_BYTES, sniffDocument } from '../../documents/index.ts';
import { type AnyDefinition, enqueueOne } from '../../engine/manage.ts';
import type { Files } from '../../files/index.ts';
import { sniffFormat, unreadable } from '../../images/index.ts';
import { extractDocument, extractOptions, makeThumbnail } from '../../tasks/index.ts';
import { formBody, jsonReply } from '../content.ts';
import type { HttpContext } from '../env.ts';
import { enqueueFor, formFile } from '../form-file.ts';
import { idempotencyHeader, idempotencyKeyOf } from '../idempotency.ts';
import { enqueueBatch, MAX_FORM_BYTES, optionFields } from '../image-request.ts';
import { HttpProblem } from '../problem.ts';
import { resource, route } from '../route.ts';
import { strictObject } from '../strict-object.ts';
import { duplicateJson, repeatFields } from '../task-json.ts';

const MAX_FILES = 100;
/** Each needs a connection to R2; an invocation has six. */
const UPLOADS_AT_ONCE = 5;

const Uploaded = z.object({
  filename: z.string(),
  status: z.literal('processing'),
  task_id: z.uuid(),
  file: z.string().describe('The key of the file; of a duplicate, that of the first upload'),
  ...repeatFields,
});

const upload = <const Path extends string, Schema extends z.ZodType>(path: Path, summary: string, form: Schema) =>
  route({
    method: 'post',
    path,
    access: 'tasks:write',
    refuses: ['invalid_input', 'idempotency_conflict', 'backlog_full'],
    maxBodyBytes: MAX_FORM_BYTES,
    summary,
    request: { headers: idempotencyHeader, body: formBody(form) },
    responses: { 202: jsonReply('Stored, and the task is enqueued', Uploaded) },
  });

const uploadImage = upload(
  '/upload/image',
  'Upload a picture; a task makes its thumbnail',
  strictObject({ file: formFile, ...optionFields }),
);

const { password, delimiter, encoding, max_rows: maxRows, header } = extractOptions().shape;

const uploadDocument = upload(
  '/upload/document',
  'Upload a PDF, CSV, XLSX, JSON or picture; a task extracts its contents',
  strictObject({
    file: formFile,
    password,
    // A form has no numbers: digits are a position, unless a sheet has them as its name.
    sheet: z.string().min(1).max(200).optional(),
    delimiter,
    encoding,
    header: z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), header),
    max_rows: z.preprocess(
      (value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value),
      maxRows,
    ),
  }),
);

const uploadImages = route({
  method: 'post',
  path: '/upload/images',
  access: 'tasks:write',
  refuses: ['invalid_input', 'idempotency_conflict', 'backlog_full'],
  maxBodyBytes: MAX_FORM_BYTES,
  summary: 'Upload up to 100 pictures in one form; each is a task, and a bad one fails alone',
  request: {
    headers: idempotencyHeader,
    body: formBody(
      strictObject({
        file: z.preprocess(
          (value) => (value === undefined || Array.isArray(value) ? value : [value]),
          z.array(formFile).min(1).max(MAX_FILES),
        ),
        ...optionFields,
      }),
    ),
  },
  responses: {
    202: jsonReply(
      'Stored, and the tasks are enqueued; the result of `task_id`, the last of them, lists what was done and what failed',
      z.object({
        workflow_id: z.uuid(),
        task_id: z.uuid(),
        files: z.array(z.object({ filename: z.string(), task_id: z.uuid(), file: z.string() })),
        ...repeatFields,
      }),
    ),
  },
});

export const uploads = resource()
  .openapi(uploadImage, async (c) => {
    const { file, ...options } = c.req.valid('form');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const format = sniffFormat(bytes.subarray(0, 64));
    if (!format) throw notAPicture(file.name, bytes);
    return c.json(await storeAndEnqueue(c, file.name, bytes, `image/${format}`, makeThumbnail, options), 202);
  })
  .openapi(uploadImages, async (c) => {
    const { services } = c.var;
    const { file: sent, ...options } = c.req.valid('form');
    const idempotencyKey = idempotencyKeyOf(c);
    const stored = { keys: await storeAll(services.files, sent), idempotencyKey };
    const { receipt, keys } = await enqueueFor(services, stored, (used) =>
      enqueueBatch(services.engine, used, options, idempotencyKey),
    );
    const { workflowId, resultTaskId, taskIds, ...rest } = receipt;
    const listed = sent.map(({ name }, index) => ({
      filename: name,
      task_id: taskIds[index] ?? '',
      file: keys[index] ?? '',
    }));
    const reply = { workflow_id: workflowId, task_id: resultTaskId, files: listed, ...duplicateJson(rest) };
    return c.json(reply, 202);
  })
  .openapi(uploadDocument, async (c) => {
    const { file, ...options } = c.req.valid('form');
    const bytes = new Uint8Array(await file.arrayBuffer());
    // A document of an unknown type is stored as well. Its task then fails and says why.
    const contentType = await documentTypeOf(bytes, options);
    return c.json(await storeAndEnqueue(c, file.name, bytes, contentType, extractDocument, options), 202);
  });

function notAPicture(filename: string, bytes: Uint8Array): HttpProblem {
  const fault = bytes.length === 0 ? 'is empty' : 'is not a picture that can be read';
  const known = unreadable(bytes);
  const detail = known
    ? `"${filename}" cannot be used. ${known}`
    : `"${filename}" ${fault}. Send a JPEG, PNG, WebP, GIF or BMP.`;
  return new HttpProblem('unsupported_media_type', { detail });
}

async function storeAndEnqueue(
  c: HttpContext,
  filename: string,
  bytes: Uint8Array,
  contentType: string,
  definition: AnyDefinition,
  options: object,
): Promise<z.infer<typeof Uploaded>> {
  const { services } = c.var;
  const idempotencyKey = idempotencyKeyOf(c);
  const { key } = await services.files.upload(bytes, { filename, contentType });
  const { receipt, keys } = await enqueueFor(services, { keys: [key], idempotencyKey }, ([file]) =>
    enqueueOne(services.engine, { definition, input: { ...options, file }, options: { idempotencyKey } }),
  );
  const { taskId, ...rest } = receipt;
  return { filename, status: 'processing', task_id: taskId, file: keys[0] ?? key, ...duplicateJson(rest) };
}

/** Stores every file, of any type, five at a time. Returns their keys in the same order. */
async function storeAll(files: Files, sent: readonly File[]): Promise<string[]> {
  const keys: string[] = [];
  for (let at = 0; at < sent.length; at += UPLOADS_AT_ONCE) {
    const stored = await Promise.all(sent.slice(at, at + UPLOADS_AT_ONCE).map((file) => storeStream(files, file)));
    keys.push(...stored);
  }
  return keys;
}

/** As a stream, because the form is in memory already and a copy of it may not fit. */
async function storeStream(files: Files, file: File): Promise<string> {
  const about = { filename: file.name, claimedType: file.type, size: file.size };
  return (await files.uploadStream(file.stream(), about)).key;
}

/** The content type of the bytes; the uploader's own claim is not trusted. */
async function documentTypeOf(bytes: Uint8Array, told: Parameters<typeof sniffDocument>[2]): Promise<string> {
  const picture = sniffFormat(bytes.subarray(0, HEAD_BYTES));
  if (picture) return `image/${picture}`;
  try {
    return CONTENT_TYPES[await sniffDocument(bytes.length, async (length) => bytes.subarray(0, length), told)];
  } catch (error) {
    if (error instanceof DocumentError) return 'application/octet-stream';
    throw error;
  }
}
