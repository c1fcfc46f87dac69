// A file in a form: the schema of its field, and the clean-up if its task is refused.
import { z } from '@hono/zod-openapi';
import { EngineError, findKeyHolder } from '../engine/manage.ts';
import { type Files, faultOfFilename } from '../files/index.ts';
import type { HttpServices } from './env.ts';

/** A file whose name is allowed. */
export const formFile = z
  .custom<File>((value) => value instanceof File, { error: 'This field must be a file.', abort: true })
  .superRefine(({ name }, c) => {
    const fault = faultOfFilename(name);
    if (fault) c.addIssue(`The name of the file ${fault}.`);
  })
  .openapi({ type: 'string', format: 'binary' });

/**
 * Enqueues the tasks of files that were just stored. If the tasks are refused, the files are deleted, because no caller knows
 * their keys. If that fails too, the daily clean-up deletes them later.
 * If the idempotency key belongs to an earlier upload of the same files, `enqueueing` is called again with the keys of those,
 * and compares the options. Resolves to its receipt and the keys that were used.
 * @throws the errors of `enqueueing`
 */
export async function enqueueFor<Receipt>(
  { engine, files }: HttpServices,
  { keys, idempotencyKey }: { keys: readonly string[]; idempotencyKey: string | undefined },
  enqueueing: (keys: readonly string[]) => Promise<Receipt>,
): Promise<{ receipt: Receipt; keys: readonly string[] }> {
  try {
    return { receipt: await enqueueing(keys), keys };
  } catch (error) {
    const isConflict = error instanceof EngineError && error.code === 'idempotency_conflict';
    const holder = isConflict && idempotencyKey !== undefined ? await findKeyHolder(engine, idempotencyKey) : undefined;
    const earlier = filesIn(holder?.input);
    const isRepeat = earlier.length > 0 && (await areEqual(files, earlier, keys));
    // If D1 did not answer, the task may exist: then it needs its file.
    const refused = error instanceof EngineError && error.code !== 'store_unavailable';
    if (refused) await files.delete(keys).catch(() => {});
    if (isRepeat) return { receipt: await enqueueing(earlier), keys: earlier };
    throw error;
  }
}

const TaskInput = z.object({ file: z.string() }).or(z.object({ files: z.array(z.string()) }));

/** The file keys in the input of a task that works on one file or on several. */
function filesIn(input: unknown): string[] {
  const found = TaskInput.safeParse(input).data;
  if (!found) return [];
  return 'file' in found ? [found.file] : found.files;
}

/** True if both lists name files with the same names and bytes, in the same order. R2's etag of a file is the MD5 of its bytes. */
async function areEqual(files: Files, left: readonly string[], right: readonly string[]): Promise<boolean> {
  if (left.length !== right.length) return false;
  for (const [index, key] of left.entries()) {
    const [one, two] = await Promise.all([files.stat(key), files.stat(right[index] ?? '')]);
    if (!one || !two || one.etag !== two.etag || one.size !== two.size || one.filename !== two.filename) return false;
  }
  return true;
}
