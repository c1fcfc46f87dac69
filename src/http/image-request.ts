// What the routes for pictures share: the options as a form has them, and a batch as a workflow.
import { z } from '@hono/zod-openapi';
import { type Engine, enqueueWorkflow, type WorkflowNode, type WorkflowReceipt } from '../engine/manage.ts';
import { collectImages, makeThumbnail, thumbnailOptions } from '../tasks/index.ts';

/** A form is held in memory whole, and so is a picture while it is decoded; an isolate has 128 MB. */
export const MAX_FORM_BYTES = 30_000_000;

const { shape } = thumbnailOptions;

/** The options as form fields, which are text: "500" is 500, `variants` is JSON. */
export const optionFields = {
  width: numeric(shape.width),
  height: numeric(shape.height),
  fit: shape.fit,
  format: shape.format,
  quality: numeric(shape.quality),
  variants: fromJson(shape.variants),
  gps: fromJson(shape.gps),
};

export type ThumbnailOptions = z.output<typeof thumbnailOptions>;

/** One thumbnail task for each file, and one that collects what became of them, also when some failed. */
export function enqueueBatch(
  engine: Engine,
  files: readonly string[],
  options: ThumbnailOptions,
): Promise<WorkflowReceipt> {
  const members = files.map((file) => makeThumbnail.si({ ...options, file }).node);
  const group: WorkflowNode = { kind: 'group', nodes: members, onChildFailure: 'continue' };
  return enqueueWorkflow(engine, { kind: 'chain', nodes: [group, collectImages.s({ files: [...files] }).node] });
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
