// A context as a running task gets it, for tests that call a handler themselves.

import { createContext } from '../../src/engine/context.ts';
import type { TaskContext } from '../../src/engine/index.ts';
import type { Engine } from '../../src/engine/manage.ts';
import { createSteps } from '../../src/engine/steps/index.ts';
import { Recorder } from '../../src/engine/steps/recorder.ts';
import { firstId } from '../../src/engine/store/ids.ts';
import { aClaimedTask } from './dying.ts';
import { aRunning } from './running.ts';

/** Of a task enqueued now. */
export function aContext(engine: Engine): TaskContext {
  const task = aClaimedTask({ id: firstId(engine.clock.now()), startedAt: engine.clock.now() });
  const running = aRunning({ task });
  return createContext(engine, running, () => createSteps(engine, running, new Recorder(engine)).api);
}
