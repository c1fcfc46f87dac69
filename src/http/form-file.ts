// A file in a form: its field, and what becomes of it when the task it is for is refused.
import { z } from '@hono/zod-openapi';
import { EngineError } from '../engine/manage.ts';
import { type Files, faultOfFilename } from '../files/index.ts';

/** A file with a name that may be kept. */
export const formFile = z
  .custom<File>((value) => value instanceof File, { error: 'must be a file', abort: true })
  .superRefine(({ name }, c) => {
    const fault = faultOfFilename(name);
    if (fault) c.addIssue(`its name ${fault}`);
  })
  .openapi({ type: 'string', format: 'binary' });

/**
 * Enqueues what is to be done with files that were just kept. When that is surely refused they are deleted, if R2 allows, for
 * nobody will know their keys; what is left the clean-up takes.
 * @throws what `enqueueing` throws
 */
export async function enqueueFor<Receipt>(
  files: Files,
  keys: readonly string[],
  enqueueing: () => Promise<Receipt>,
): Promise<Receipt> {
  try {
    return await enqueueing();
  } catch (error) {
    // While D1 is away nobody knows whether the task is there after all.
    const refused = error instanceof EngineError && error.code !== 'store_unavailable';
    if (refused) await files.delete(keys).catch(() => {});
    throw error;
  }
}
