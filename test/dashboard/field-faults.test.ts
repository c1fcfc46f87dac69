import { expect, it } from 'vitest';
import { FieldError, sortFaults } from '../../src/dashboard/field-faults.ts';

const fields = ['name', 'task', 'workflow'];
/** As ApiError has it. */
const refusal = (code: string, detail: string, paths: string[]) =>
  Object.assign(new Error('Refused'), {
    ...{ code, detail, issues: paths.map((path) => ({ path, message: `about ${path}` })) },
  });

function sorted(error: Error | undefined) {
  const { byField, others } = sortFaults(error, fields);
  const faults = [...byField].map(([field, own]) => [field, own.map(({ message }) => message)]);
  return { ...Object.fromEntries(faults), others: others.map(({ message }) => message) };
}

it('sorts the faults of a refusal by the field that their path begins with', () => {
  const error = refusal('invalid_request', '', ['workflow.dag.a.after.0', 'name', 'workflow', 'workflows', '']);
  expect(sorted(error)).toEqual({
    workflow: ['about workflow.dag.a.after.0', 'about workflow'],
    name: ['about name'],
    others: ['about workflows', 'about '],
  });
});

it.each([
  ['schedule_exists', 'name'],
  ['unknown_task', 'task'],
])('puts the refusal %s beside its field', (code, field) => {
  expect(sorted(refusal(code, 'it is so', []))).toEqual({ [field]: ['It is so'], others: [] });
});

it('puts a fault that the form has found beside its field', () => {
  expect(sorted(new FieldError('workflow', 'no JSON'))).toEqual({ workflow: ['no JSON'], others: [] });
});

it('knows nothing of other errors', () => {
  expect(sorted(new Error('lost'))).toEqual({ others: [] });
  expect(sorted(refusal('backlog_full', 'full', []))).toEqual({ others: [] });
  expect(sorted(undefined)).toEqual({ others: [] });
});
