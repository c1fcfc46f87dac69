// A definition with batches whose handler does with each task what its input says, and keeps what it was called with.
import { z } from 'zod';
import {
  type BatchContext,
  type BatchOutcome,
  type BatchTaskOptions,
  defineTask,
  fixed,
  PermanentFailure,
} from '../../src/engine/index.ts';
import { enqueue } from '../../src/engine/manage.ts';
import type { TestEngine } from './engine.ts';

const Say = z.enum(['succeed', 'error', 'fail', 'retry', 'snooze', 'misfit', 'nothing']);
type Say = z.infer<typeof Say>;

const input = z.object({ say: z.array(Say).min(1).default(['succeed']), to: z.string().default('') });
const output = z.object({ to: z.string() });

export interface Call {
  inputs: z.output<typeof input>[];
  ctx: BatchContext;
}

/** `calls`: every call so far. The n-th attempt of a task says the n-th of `say`; further ones repeat the last. */
export function bulkPush(
  options: Partial<BatchTaskOptions<typeof input, typeof output>> = {},
  during: (call: Call) => unknown = () => undefined,
) {
  const calls: Call[] = [];
  const seen = new Map<string, number>();
  const definition = defineTask({
    name: 'test.push',
    input,
    output,
    batch: { size: 10, waitMs: 2000 },
    retry: { backoff: fixed(5) },
    timeoutSeconds: 60,
    async runMany(inputs, ctx) {
      calls.push({ inputs, ctx });
      const instead = await during({ inputs, ctx });
      if (instead !== undefined) return instead as BatchOutcome<{ to: string }>[];
      return inputs.map(({ say, to }, index) => {
        const id = ctx.members[index]?.id ?? '';
        const earlier = seen.get(id) ?? 0;
        seen.set(id, earlier + 1);
        return outcomeOf(say[Math.min(earlier, say.length - 1)] ?? 'succeed', to);
      });
    },
    ...options,
  });
  return { definition, calls };
}

function outcomeOf(say: Say, to: string): BatchOutcome<{ to: string }> {
  if (say === 'error') return { error: new TypeError(`not pushed to ${to}`) };
  if (say === 'fail') return { error: new PermanentFailure(`no device ${to}`, 'unregistered') };
  if (say === 'retry') return { retry: { in: 7 } };
  if (say === 'snooze') return { snooze: { for: 11 } };
  if (say === 'misfit') return { result: { to: 1 } } as never;
  if (say === 'nothing') return undefined as never;
  return { result: { to } };
}

/** Enqueues a task for each input by one call. */
export async function push(
  engine: TestEngine,
  definition: ReturnType<typeof bulkPush>['definition'],
  inputs: object[],
  options = {},
): Promise<string[]> {
  const receipts = await enqueue(
    engine,
    inputs.map((one) => ({ definition, input: one, options })),
  );
  return receipts.map(({ taskId }) => taskId);
}

/** Inputs for `count` devices. */
export const to = (count: number, more: object = {}) =>
  Array.from({ length: count }, (_, index) => ({ to: `device ${index}`, ...more }));
