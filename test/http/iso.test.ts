import { expect, it } from 'vitest';
import { givenInstant, iso, isoInstant, isoOrNull } from '../../src/http/iso.ts';

it('writes instants in UTC with milliseconds', () => {
  expect(iso(0)).toBe('1970-01-01T00:00:00.000Z');
  expect(isoInstant.safeParse(iso(1_800_000_000_123)).success).toBe(true);
});

it('writes null for an instant that is missing', () => {
  expect([isoOrNull(undefined), isoOrNull(null), isoOrNull(0)]).toEqual([null, null, '1970-01-01T00:00:00.000Z']);
});

it('reads instants with any offset', () => {
  expect(givenInstant.safeParse('2026-01-01T00:00:00+05:45').success).toBe(true);
  expect(givenInstant.safeParse('2026-01-01').success).toBe(false);
});
