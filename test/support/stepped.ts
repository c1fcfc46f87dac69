// Tasks for tests whose code is given by the test, and what their steps did.
import { env } from 'cloudflare:workers';
import { z } from 'zod';
import { type Definition, defineTask, fixed, type TaskContext, type TaskOptions } from '../../src/engine/index.ts';
import { enqueue } from '../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from './engine.ts';

const anything = z.json();
type Anything = Definition<z.input<typeof anything>, z.output<typeof anything>>;

/** A definition that runs `code`. */
export function stepped(
  code: (ctx: TaskContext, input: unknown) => unknown,
  options: Partial<TaskOptions<typeof anything, typeof anything>> = {},
): Anything {
  return defineTask({
    ...{ name: 'test.stepped', input: anything, output: anything, retry: { backoff: fixed(5) }, ...options },
    run: async (input, ctx) => ((await code(ctx, input)) ?? null) as z.input<typeof anything>,
  });
}

/** Enqueues a task that runs `code`, and delivers it once. */
export async function runSteps(
  code: (ctx: TaskContext, input: unknown) => unknown,
  options: Partial<TaskOptions<typeof anything, typeof anything>> = {},
): Promise<{ engine: TestEngine; id: string; definition: Anything }> {
  const definition = stepped(code, options);
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input: null }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId, definition };
}

/** The rows of a task's steps, in the order in which the code asked for them. */
export async function stepRowsOf(id: string): Promise<Record<string, string | number | null>[]> {
  const { results } = await env.DB.prepare('SELECT * FROM task_steps WHERE task_id = ? ORDER BY position')
    .bind(id)
    .all<Record<string, string | number | null>>();
  return results;
}
