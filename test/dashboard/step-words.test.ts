import { describe, expect, it } from 'vitest';
import { foldSteps, labelOf, type StepLike, stateOf } from '../../src/dashboard/step-words.ts';

const aStep = (step: Partial<StepLike> = {}): StepLike => ({
  ...{ name: 'a', occurrence: 1, kind: 'do', outcome: 'done', result: null, undo: null, ...step },
});
const undo = (outcome: 'offered' | 'done' | 'failed') => ({ outcome });
const decision = (approved: boolean) => ({ approved, by: 'ada', note: null, at: 0 });

describe('what became of a step', () => {
  it.each<[string, Partial<StepLike>]>([
    ['Done', {}],
    ['Done', { undo: undo('offered') }],
    ['Undone', { undo: undo('done') }],
    ['Undo failed', { undo: undo('failed') }],
    ['Failed', { outcome: 'failed' }],
    ['Timed out', { kind: 'event', outcome: 'timed_out' }],
    ['Received', { kind: 'event' }],
    ['Approved', { kind: 'approval', result: decision(true) }],
    ['Rejected', { kind: 'approval', result: decision(false) }],
    ['Waiting', { kind: 'approval', outcome: 'open' }],
    ['Sleeping', { kind: 'sleep', outcome: 'open' }],
    ['Running', { kind: 'each', outcome: 'open' }],
    ['Retry follows', { outcome: 'open' }],
  ])('is %s', (word, step) => {
    expect(stateOf(aStep(step), false).word).toBe(word);
  });

  it('is “Not finished” for a step that is open when the task has ended', () => {
    expect(stateOf(aStep({ kind: 'event', outcome: 'open' }), true).word).toBe('Not finished');
  });

  it('has another mark wherever the colour is the same but the meaning is not', () => {
    const failed = [aStep({ outcome: 'failed' }), aStep({ undo: undo('failed') })].map((step) => stateOf(step, false));
    expect(failed[0]?.icon).not.toBe(failed[1]?.icon);
  });

  it('names the occurrence of a second step', () => {
    expect([labelOf(aStep()), labelOf(aStep({ occurrence: 2 }))]).toEqual(['a', 'a (2)']);
  });
});

describe('many steps', () => {
  const many = (count: number, outcome: StepLike['outcome'] = 'done') =>
    Array.from({ length: count }, (_, n) => aStep({ name: `${outcome} ${n}`, outcome }));
  const brief = (steps: StepLike[], isUnfolded: (step: StepLike) => boolean = () => false) =>
    foldSteps(steps, true, isUnfolded).map((row) => ('step' in row ? row.step.name : row.folded.length));

  it('are all shown up to 30 equal ones', () => {
    expect(brief(many(30))).toHaveLength(30);
    expect(brief([])).toEqual([]);
  });

  it('are folded but for the first and last five; others among them are shown', () => {
    expect(brief(many(31))[5]).toBe(21);
    const rows = brief([...many(100), ...many(1, 'failed'), ...many(40)]);
    expect(rows.filter((row) => typeof row === 'number')).toEqual([90, 30]);
    expect(rows).toContain('failed 0');
    expect(rows).toHaveLength(5 + 1 + 5 + 1 + 5 + 1 + 5);
  });

  it('unfold from the first on, and all of them are shown or counted once', () => {
    const steps = many(200);
    const rows = brief(steps, ({ name }) => Number(name.split(' ')[1]) < 105);
    expect(rows[105]).toBe(90);
    expect(rows).toHaveLength(111);
    expect(brief(steps, () => true)).toHaveLength(200);
  });
});
