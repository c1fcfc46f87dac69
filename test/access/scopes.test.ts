import { expect, it } from 'vitest';
import { allows, SCOPES, type Scope } from '../../src/access/index.ts';

it('admin includes every scope; the others only themselves', () => {
  const allowed = (held: Scope) => SCOPES.filter((wanted) => allows([held], wanted));

  expect(SCOPES.map(allowed)).toEqual([['tasks:read'], ['tasks:write'], ['tasks:read', 'tasks:write', 'admin']]);
});

it('several scopes allow what each of them allows', () => {
  expect(allows(['tasks:read', 'tasks:write'], 'tasks:write')).toBe(true);
  expect(allows(['tasks:read', 'tasks:write'], 'admin')).toBe(false);
});

it('no scope, and a scope of another version, allow nothing', () => {
  expect(allows([], 'tasks:read')).toBe(false);
  expect(allows(['tasks:everything' as Scope], 'tasks:read')).toBe(false);
});
