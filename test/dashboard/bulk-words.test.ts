import { expect, it } from 'vitest';
import { bulkLabel, isNumber, typeNumber } from '../../src/dashboard/bulk-words.ts';

it.each([
  ['retry', 1027, ['FAILURE'], true, 'Retry 1,027 failed tasks'],
  ['revoke', 37, ['PENDING', 'RETRY', 'WAITING'], true, 'Revoke 37 waiting tasks'],
  ['revoke', 1, ['STARTED'], true, 'Revoke 1 running task'],
  ['revoke', 5, ['PENDING', 'STARTED'], true, 'Revoke 5 unfinished tasks'],
  ['retry', 3, ['FAILURE', 'SUCCESS'], true, 'Retry 3 tasks'],
  ['retry', 0, [], true, 'Retry 0 tasks'],
  ['retry', 20_000, ['FAILURE'], false, 'Retry more than 20,000 failed tasks'],
  ['revoke', 37, ['PENDING'], false, 'Revoke at least 37 waiting tasks'],
] as const)('%s of %i tasks in %j (complete: %s) is "%s"', (verb, total, states, isComplete, label) => {
  expect(bulkLabel(verb, total, states, isComplete)).toBe(label);
});

it('a number is typed with or without separators', () => {
  expect(['1027', '1,027', ' 1 027 ', '1.027'].every((typed) => isNumber(typed, 1027))).toBe(true);
  expect(['', '102', '10277', 'x1027'].some((typed) => isNumber(typed, 1027))).toBe(false);
  expect(typeNumber(2, 1027)).toBe('2 tasks have already succeeded. Type 1,027 to run them again, too.');
});
