// The engine that `definition.delay()`, `part.enqueue()` and `background()` use: those are called without one.
import type { Engine } from './engine.ts';

let current: Engine | undefined;

/** Makes this the current engine. */
export function useEngine(engine: Engine): void {
  current = engine;
}

/** Throws a plain Error when no engine was set. */
export function currentEngine(): Engine {
  if (!current) throw new Error('There is no engine. Call useEngine() before you enqueue; src/index.ts shows how.');
  return current;
}
