// Hooks: code that runs around every task, for tracing, the context of a tenant, redaction. The wiring lists them (src/tasks/hooks.ts).
import { Lost, Suspended } from './ending.ts';
import type { Engine } from './engine.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { TaskContext } from './handler.ts';
import type { EnqueueRequest } from './prepare-tasks.ts';

/** What a caller asks for. */
export interface Enqueued {
  name: string;
  input: unknown;
  options: EnqueueOptions;
}

/** How an attempt ended. `waits`: its steps wait, and the task goes on in another attempt. */
export type Outcome = { result: unknown } | { error: unknown } | { waits: true };

/** They run in the order of the list, one after the other. */
export interface Hooks {
  /** Before an input is checked and stored. What it returns takes the place of the given part. An error refuses the call. */
  onEnqueue?(
    enqueued: Enqueued,
  ): Partial<Omit<Enqueued, 'name'>> | undefined | Promise<Partial<Omit<Enqueued, 'name'>> | undefined>;
  /** Before the code of an attempt, also when that only makes undos known. An error is the attempt's: its code does not run. */
  beforeRun?(name: string, ctx: TaskContext): void | Promise<void>;
  /**
   * After the code of an attempt, unless the attempt was lost or only made undos known. An error is the attempt's, even if its code
   * succeeded; after a timeout or a wait it comes too late and changes nothing.
   */
  afterRun?(name: string, ctx: TaskContext, outcome: Outcome): void | Promise<void>;
}

/** The requests as the hooks want them. */
export async function hookRequests(
  { hooks = [] }: Engine,
  requests: readonly EnqueueRequest[],
): Promise<readonly EnqueueRequest[]> {
  const wanted = hooks.filter(({ onEnqueue }) => onEnqueue);
  if (wanted.length === 0) return requests;
  const changed: EnqueueRequest[] = [];
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
