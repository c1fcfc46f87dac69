// A file in a form: the schema of its field, and the clean-up if its task is refused.
import { z } from '@hono/zod-openapi';
import { EngineError } from '../engine/manage.ts';
import { type Files, faultOfFilename } from '../files/index.ts';

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
 * @throws the errors of `enqueueing`
 */
export async function enqueueFor<Receipt>(
  files: Files,
  keys: readonly string[],
  enqueueing: () => Promise<Receipt>,
): Promise<Receipt> {
  try {
    return await enqueueing();
  } catch (error) {
    // If D1 did not answer, the task may exist: then it needs its file.
    const refused = error instanceof EngineError && error.code !== 'store_unavailable';
    if (refused) await files.delete(keys).catch(() => {});
    throw error;
  }
}
