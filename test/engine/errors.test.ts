// Refusals and the faults they name.
import { expect, it } from 'vitest';
import { z } from 'zod';
import { EngineError, issuesOf } from '../../src/engine/errors.ts';

const Input = z.object({ to: z.array(z.email()) });

it('each issue has its dotted path, under the given prefix', () => {
  const { error } = Input.safeParse({ to: ['a@b.example', 'no address'] });
  expect(issuesOf(error, 'tasks.3', 'input')).toEqual([{ path: 'tasks.3.input.to.1', message: expect.any(String) }]);
  expect(issuesOf(error)).toMatchObject([{ path: 'to.1' }]);
  expect(issuesOf(error, '', 'input')).toMatchObject([{ path: 'input.to.1' }]);
});

it('no error has no issues', () => {
  expect(issuesOf(undefined, 'input')).toEqual([]);
  expect(issuesOf(Input.safeParse({ to: [] }).error, 'input')).toEqual([]);
});

it('a refusal keeps its code, issues and cause', () => {
  const cause = new Error('why');
  const issue = { path: 'to', message: 'missing' };
  const error = new EngineError('invalid_input', 'what', [issue], { cause });
  expect(error).toMatchObject({ name: 'EngineError', code: 'invalid_input', issues: [issue], cause });
});
