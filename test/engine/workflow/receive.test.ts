// How the results of parents become the input of a task.
import { describe, expect, it } from 'vitest';
import type { Receives } from '../../../src/engine/new-task.ts';
import { mergeInput as merge, NotNeeded, type ParentOutcome } from '../../../src/engine/workflow/receive.ts';

const error = { code: 'error', type: 'TypeError', message: 'no', traceback: 'at secret.ts' };
const parent = (result: unknown, failed = false): ParentOutcome => ({
  taskId: 't',
  result,
  error: failed ? error : undefined,
  wasNeeded: true,
  runsOn: 'success',
  label: null,
});
const mergeInput = (receives: Receives, parents: ParentOutcome[], bound: unknown) =>
  merge({ name: 'test.task', receives }, parents, bound);
const plain = { code: 'error', type: 'TypeError', message: 'no' };

describe('a task receives', () => {
  it('the fields of the one parent’s output, under what is bound', () => {
    expect(mergeInput('output', [parent({ a: 1, b: 1 })], { b: 2, c: 3 })).toEqual({ a: 1, b: 2, c: 3 });
  });

  it.each([7, 'text', null, [1, 2]])('%j as { result }, because it has no fields', (result) => {
    expect(mergeInput('output', [parent(result)], {})).toEqual({ result });
  });

  it('the results of a group as a list, with errors in the places of failed members', () => {
    const parents = [parent(1), parent(null, true), parent({ x: 3 })];
    expect(mergeInput('results', parents, { label: 'l' })).toEqual({
      results: [1, { error: plain }, { x: 3 }],
      label: 'l',
    });
    expect(mergeInput('results', [], {})).toEqual({ results: [] });
  });

  it('the output of a gathering task as the list itself', () => {
    expect(mergeInput('list', [parent([1, 2])], {})).toEqual({ results: [1, 2] });
  });

  it('the id and the error of a failed parent, without its traceback', () => {
    expect(mergeInput('error', [parent(null, true)], {})).toEqual({ task_id: 't', error: plain });
    expect(mergeInput('error', [parent(1)], {})).toEqual({ task_id: 't', error: null });
  });

  it('only what is bound when it has no parent left', () => {
    expect(mergeInput('output', [], { a: 1 })).toEqual({ a: 1 });
    expect(mergeInput('output', [], 'no object')).toEqual({});
  });
});

describe('a node of a graph', () => {
  const named = (label: string, outcome: Partial<ParentOutcome> = {}): ParentOutcome => ({
    ...parent({ of: label }),
    label,
    ...outcome,
  });
  const failed = { result: null, error } as const;
  const skipped = { result: null, error: { ...error, code: 'not_needed' }, wasNeeded: false } as const;
  const receive = (
    runsOn: ParentOutcome['runsOn'],
    parents: ParentOutcome[],
    bound: unknown = {},
    name = 'test.task',
  ) =>
    merge(
      { name, receives: 'results' },
      parents.map((each) => ({ ...each, runsOn })),
      bound,
    );

  it('receives the results by name, under what is bound', () => {
    const parents = [named('a'), named('b', { result: [1] }), named('c')];
    expect(receive('success', parents, { c: 3 })).toEqual({ a: { of: 'a' }, b: [1], c: 3 });
  });

  it('that is immutable receives nothing, and the part before the graph passes nothing on by name', () => {
    const immutable = [named('', { result: 1 }), parent(2)];
    expect(receive('success', immutable, { c: 3 })).toEqual({ c: 3 });
  });

  it('that runs after any end receives errors in the places of results', () => {
    const { code, message } = skipped.error;
    expect(receive('any', [named('a', failed), named('b', skipped), named('c')])).toEqual({
      a: { error: plain },
      b: { error: { code, type: 'TypeError', message } },
      c: { of: 'c' },
    });
  });

  it('that runs after a failure is not needed without one', () => {
    expect(receive('failure', [named('a', failed), named('b')])).toEqual({ a: { error: plain }, b: { of: 'b' } });
    expect(() => receive('failure', [named('a'), named('b', skipped)])).toThrow(NotNeeded);
  });

  it('that runs after successes is not needed if a parent was not', () => {
    expect(() => receive('success', [named('a'), named('b', skipped)])).toThrow(NotNeeded);
  });

  it('that gathers the results runs in any case, and leaves out what was not needed', () => {
    const parents = [named('a'), named('b', skipped), named('c', failed)];
    expect(receive('success', parents, {}, 'canvas.gather_graph')).toEqual({ a: { of: 'a' }, c: { error: plain } });
    expect(receive('success', [named('b', skipped)], {}, 'canvas.gather_graph')).toEqual({});
  });
});
