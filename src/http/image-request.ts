// Shared by the routes for pictures: the options as form fields, and a workflow for a batch.
import { z } from '@hono/zod-openapi';
import { type Engine, enqueueWorkflow, type WorkflowNode, type WorkflowReceipt } from '../engine/manage.ts';
import { collectImages, makeThumbnail, thumbnailOptions } from '../tasks/index.ts';

/** A form is held in memory, and so is a picture while it is decoded; an isolate has 128 MB. */
export const MAX_FORM_BYTES = 30_000_000;

const { shape } = thumbnailOptions();

/** Form fields are text: "500" becomes 500, `variants` and `gps` are read as JSON. */
export const optionFields = {
  width: numeric(shape.width),
  height: numeric(shape.height),
  fit: shape.fit,
  format: shape.format,
  quality: numeric(shape.quality),
  variants: fromJson(shape.variants),
  gps: fromJson(shape.gps),
};

export type ThumbnailOptions = z.output<ReturnType<typeof thumbnailOptions>>;

/** Enqueues a thumbnail task for each file, and one task that collects their results even if some failed. */
export function enqueueBatch(
  engine: Engine,
  files: readonly string[],
  options: ThumbnailOptions,
  idempotencyKey: string | undefined,
): Promise<WorkflowReceipt> {
  const members = files.map((file) => makeThumbnail.si({ ...options, file }).node);
  const group: WorkflowNode = { kind: 'group', nodes: members, onChildFailure: 'continue' };
  const root: WorkflowNode = { kind: 'chain', nodes: [group, collectImages.s({ files: [...files] }).node] };
  return enqueueWorkflow(engine, root, { idempotencyKey });
}

function numeric<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema);
}

function fromJson<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((value) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }, schema);
}
