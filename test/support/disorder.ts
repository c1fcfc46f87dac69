// What may happen to tasks between enqueueing and their end, in any order: deliveries, duplicates, losses, crashes, sweeps.
import fc from 'fast-check';
import { consume, sweep } from '../../src/engine/manage.ts';
import { claimAndDie } from './dying.ts';
import { aBatch, type TestEngine } from './engine.ts';

export const Event = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const), which: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deliver twice at once' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const), which: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), which: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sweep' as const), which: fc.nat(120) }) },
);

export type Disturbance = typeof Event extends fc.Arbitrary<infer Each> ? Each : never;

/** Applies the events to the tasks. Crashes at most twice: a third crash would fail a task, which another test covers. */
export async function disturb(engine: TestEngine, ids: string[], events: Disturbance[]): Promise<void> {
  let crashes = 0;
  for (const event of events) {
    const messages = engine.sent.default;
    const message = messages[event.which % Math.max(1, messages.length)];
    if (event.do === 'sweep') {
      engine.advance(event.which);
      await sweep(engine);
    } else if (event.do === 'crash' && crashes < 2) {
      crashes++;
      await claimAndDie(engine, [ids[event.which % ids.length]!], true);
    } else if (message && event.do === 'lose') {
      messages.splice(messages.indexOf(message), 1);
    } else if (message && event.do !== 'crash') {
      const times = event.do === 'deliver' ? 1 : 2;
      await Promise.all(
        Array.from({ length: times }, () => consume(engine, 'default', aBatch('default', [message.body]))),
      );
    }
    await engine.idle();
  }
}
