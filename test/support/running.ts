// A running task as an attempt makes it, for tests of what an attempt is given.
import type { Running } from '../../src/engine/running.ts';
import { aClaimedTask } from './dying.ts';

export function aRunning(running: Partial<Running> = {}): Running {
  const { signal } = new AbortController();
  return {
    task: aClaimedTask(),
    deadline: 0,
    logs: [],
    progress: undefined,
    hasTimeLeft: () => true,
    signal: () => signal,
    throwIfAborted() {},
    recordedSteps: 0,
    abort() {},
    ended: Promise.resolve(undefined),
    ...running,
  };
}
