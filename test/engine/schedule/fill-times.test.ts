// The time of a firing in what a schedule enqueues.
import { expect, it } from 'vitest';
import { fillTimes } from '../../../src/engine/schedule/fill-times.ts';

const at = Date.parse('2026-03-01T23:30:00Z');

it('the instant and the date in the zone of the schedule stand in every text', () => {
  const value = { a: '{{scheduled_at}}', b: [{ c: 'day {{scheduled_date}} of {{scheduled_date}}' }], n: 1, x: null };
  expect(fillTimes(value, at, 'Asia/Tokyo')).toEqual({
    a: '2026-03-01T23:30:00.000Z',
    b: [{ c: 'day 2026-03-02 of 2026-03-02' }],
    n: 1,
    x: null,
  });
  expect(fillTimes('{{scheduled_date}}', at, 'UTC')).toBe('2026-03-01');
});

it('other texts and fields stay as they are', () => {
  const value = { '{{scheduled_at}}': '{{other}} $& {{ scheduled_at }}' };
  expect(fillTimes(value, at, 'UTC')).toEqual(value);
});
