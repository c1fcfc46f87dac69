// Chore: take back the tasks of invocations that died. Not an error of the task, but counted against it as a crash.
import type { Engine } from '../engine.ts';
import { announce } from '../ring.ts';
import { rescueTasks } from '../store/rescue-tasks.ts';

/** The number of tasks taken back. */
export async function rescue(engine: Engine): Promise<number> {
  const { maxCrashes } = engine.settings;
  const { ids, released } = await rescueTasks(engine, {
    crashed: { code: 'crashed', type: 'WorkerLostError', message: 'the invocation that ran it ended without a word' },
    poisoned: { code: 'poisoned', type: 'WorkerLostError', message: `crashed ${maxCrashes} times; not run again` },
  });
  if (ids.length > 0) engine.logger.warn('tasks rescued from a lost invocation', { count: ids.length });
  await announce(engine, released);
  return ids.length;
}
