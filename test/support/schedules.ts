// What the tests of schedules share: a task that does nothing, an engine at the start of an hour, the tasks enqueued so far.
import { env } from 'cloudflare:workers';
import { z } from 'zod';
import { type AnyDefinition, defineTask } from '../../src/engine/index.ts';
import { makeEngine, type TestEngine } from './engine.ts';

export const HOUR = 3600;

export const tick = (schedules: AnyDefinition['schedules'] = {}, name = 'test.tick') =>
  defineTask({
    name,
    input: z.object({ of: z.string().default('default') }),
    output: z.object({ of: z.string() }),
    schedules: schedules as Record<string, { cron: string; input?: { of: string } }>,
    run: ({ of }) => ({ of }),
  });

/** An engine at the start of an hour. */
export async function anEngine(definitions: AnyDefinition[] = [tick()]): Promise<TestEngine> {
  const engine = await makeEngine(definitions);
  engine.advance(HOUR - ((engine.clock.now() / 1000) % HOUR));
  return engine;
}

export async function tasks(): Promise<{ id: string; due_at: number; input: string; state: string }[]> {
  const { results } = await env.DB.prepare(
    "SELECT id, due_at, input, state FROM tasks WHERE name LIKE 'test.%' ORDER BY due_at",
  ).all();
  return results as never;
}

/** Deletes every task, workflow, schedule and dedupe key. */
export async function clearSchedules(): Promise<void> {
  await env.DB.batch(
    ['tasks', 'workflows', 'edges', 'schedules', 'task_keys', 'firings'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  );
}
