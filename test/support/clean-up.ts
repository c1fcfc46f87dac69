// Runs the engine's clean-up to its end, as the task maintenance.clean_up does over several invocations.

import { engineChores } from '../../src/engine/clean-up/prune.ts';
import type { Chore, Engine } from '../../src/engine/manage.ts';
import { runChores } from '../../src/engine/manage.ts';

/** What the passes have deleted, by chore. `limits`: of one invocation. */
export async function cleanUpAll(
  engine: Engine,
  chores: Record<string, Chore> = engineChores(engine),
  limits?: { queries: number; portions: number },
): Promise<{ deleted: Record<string, number>; invocations: number }> {
  const run = { signal: new AbortController().signal, progress() {} };
  for (let invocations = 1; ; invocations++) {
    const { deleted, done } = await runChores(engine, chores, run, limits);
    if (done) return { deleted, invocations };
  }
}
