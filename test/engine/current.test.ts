// The engine that calls without one use.
import { expect, it, vi } from 'vitest';
import { currentEngine, useEngine } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { scripted } from '../support/scripted.ts';

it('without an engine a call throws, and says what to do', async () => {
  vi.resetModules();
  const fresh = await import('../../src/engine/current.ts');
  expect(() => fresh.currentEngine()).toThrow('There is no engine. Call useEngine() before you enqueue');
});

it('the engine that was set last is used', async () => {
  const [first, second] = [await makeEngine([scripted]), await makeEngine([scripted])];
  useEngine(first);
  useEngine(second);
  expect(currentEngine()).toBe(second);
  await scripted.delay({});
  await second.idle();
  expect([first.sent.default.length, second.sent.default.length]).toEqual([0, 1]);
});
