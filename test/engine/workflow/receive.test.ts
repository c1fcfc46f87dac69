// How the results of parents become the input of a task.
import { describe, expect, it } from 'vitest';
import { mergeInput } from '../../../src/engine/workflow/receive.ts';

const error = { code: 'error', type: 'TypeError', message: 'no', traceback: 'at secret.ts' };
const parent = (result: unknown, failed = false) => ({ taskId: 't', result, error: failed ? error : undefined });
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
