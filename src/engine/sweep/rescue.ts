// Chore: takes back the tasks of invocations that died. That is no error of the task, but is counted as its crash.
import { announce } from '../doorbell.ts';
import type { Engine } from '../engine.ts';

import { rescueTasks } from '../store/rescue-tasks.ts';

/** The number of tasks taken back. */
export async function rescue(engine: Engine): Promise<number> {
  const { maxCrashes } = engine.settings;
  const { ids, rings } = await rescueTasks(engine, {
    crashed: {
      code: 'crashed',
      type: 'WorkerLostError',
      message: 'the invocation that ran it ended without settling it',
    },
    poisoned: { code: 'poisoned', type: 'WorkerLostError', message: `crashed ${maxCrashes} times; not run again` },
  });
  if (ids.length > 0) engine.logger.warn('tasks rescued from a lost invocation', { count: ids.length });
  await announce(engine, rings);
  return ids.length;
}
