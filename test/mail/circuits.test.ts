// The mailer with the engine's own circuits: how often a provider that fails is asked.
import { describe, expect, it } from 'vitest';
import { Snooze } from '../../src/engine/index.ts';
import { circuitsOf } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';
import { closed, type Step, scripted, setUp, unclear } from './scripted.ts';

const always = (step: Step) => Array.from({ length: 100 }, () => step);

/** Two providers with names of their own, so that no other test has opened their circuits. */
async function aPair(step: Step, remembersSeconds = 0) {
  const engine = await makeEngine([]);
  const name = crypto.randomUUID();
  const [first, second] = [scripted(`${name}-1`, always(step), remembersSeconds), scripted(`${name}-2`)];
  return { engine, circuits: circuitsOf(() => engine), first, second, providers: [first, second] };
}

describe('a provider that fails', () => {
  it.each([
    ['is unavailable', closed],
    ['does not answer', unclear],
  ])('because it %s is asked until its circuit opens, and then not until the probe', async (_, step) => {
    const { engine, circuits, first, second, providers } = await aPair(step);
    const { faults, probeSeconds } = engine.settings.circuit;
    for (let n = 0; n < faults + 5; n++)
      expect((await setUp(providers, { circuits }).send()).provider).toBe(second.name);

    expect(first.asked).toHaveLength(faults);
    engine.advance(probeSeconds + 1);
    for (let n = 0; n < 5; n++) expect((await setUp(providers, { circuits }).send()).provider).toBe(second.name);

    expect(first.asked).toHaveLength(faults + 1);
  });

  it('and may have accepted a mail that it will recognise is waited for, without using up an attempt', async () => {
    const { engine, circuits, first, second, providers } = await aPair(unclear, 86_400);
    const { send } = setUp(providers, { circuits });
    for (let n = 0; n < engine.settings.circuit.faults; n++) await send().catch(() => {});

    await expect(send()).rejects.toBeInstanceOf(Snooze);

    expect(second.asked).toEqual([]);
    first.steps.splice(0);
    engine.advance(engine.settings.circuit.probeSeconds + 1);
    expect((await send()).provider).toBe(first.name);
    expect(first.taken).toHaveLength(1);
  });
});
