// Runs the hooks of the wiring (src/tasks/hooks.ts) around tasks.
import type { Declaration } from './declaration.ts';
import { Lost, Suspended } from './ending.ts';
import type { Engine } from './engine.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { TaskContext } from './handler.ts';
import type { Enqueued, Outcome } from './hook.ts';

/** The requests as the hooks want them. */
export async function hookRequests<Asked extends { definition: Declaration; input: unknown; options?: EnqueueOptions }>(
  { hooks = [] }: Engine,
  requests: readonly Asked[],
): Promise<readonly Asked[]> {
  const wanted = hooks.filter(({ onEnqueue }) => onEnqueue);
  if (wanted.length === 0) return requests;
  const changed: Asked[] = [];
  for (const request of requests) {
    let enqueued: Enqueued = { name: request.definition.name, input: request.input, options: request.options ?? {} };
    for (const hook of wanted) enqueued = { ...enqueued, ...(await hook.onEnqueue?.(enqueued)) };
    changed.push({ ...request, input: enqueued.input, options: enqueued.options });
  }
  return changed;
}

/** Runs the code of an attempt between its hooks. */
export async function runBetweenHooks<T>(
  { hooks = [] }: Engine,
  name: string,
  ctx: TaskContext,
  run: () => T | Promise<T>,
): Promise<T> {
  for (const hook of hooks) await hook.beforeRun?.(name, ctx);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason), { once: true });
  const after = async (outcome: Outcome) => {
    for (const hook of hooks) await hook.afterRun?.(name, ctx, outcome);
  };
  let result: T;
  try {
    result = await Promise.race([run(), aborted]);
  } catch (error) {
    if (!(error instanceof Lost)) await after(error instanceof Suspended ? { waits: true } : { error });
    throw error;
  }
  await after({ result });
  return result;
}
