// Chore: take back the tasks of invocations that died. Not an error of the task, but counted against it as a crash.
import type { Engine } from '../engine.ts';
import { rescueTasks } from '../store/rescue-tasks.ts';

/** The number of tasks taken back. */
export async function rescue(engine: Engine): Promise<number> {
  const { maxCrashes } = engine.settings;
  const rescued = await rescueTasks(engine, {
    crashed: { code: 'crashed', type: 'WorkerLostError', message: 'the invocation that ran it ended without a word' },
    poisoned: { code: 'poisoned', type: 'WorkerLostError', message: `crashed ${maxCrashes} times; not run again` },
  });
  if (rescued.length > 0) engine.logger.warn('tasks rescued from a lost invocation', { count: rescued.length });
  return rescued.length;
}
