// A batch handler that runs one task: where a handler is called outside of a delivery's batches, as chunks() does.
import type { Handler, RunMany } from '../handler.ts';
import { createBatchContext } from './context.ts';
import { readOutcomes } from './outcome.ts';

export function runAlone(name: string, runMany: RunMany): Handler['run'] {
  return async (input, context) => {
    const { id, log } = context;
    const call = { id, name, signal: () => context.signal, log };
    const [settle] = readOutcomes(name, await runMany([input], createBatchContext(call, [context])), 1);
    return settle?.();
  };
}
