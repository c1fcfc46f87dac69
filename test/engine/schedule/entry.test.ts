// When schedules fire: a year of minutes in several zones, across both changes of the clock, and gaps of every size.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dueTimes, nextTime, nextTimes, ScheduleTimes } from '../../../src/engine/schedule/entry.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const END = Date.UTC(2027, 0, 1);

/** Everything that fires when the sweep comes every minute of a year. */
function aYearOf(rule: object): number[] {
  const times = ScheduleTimes.parse(rule);
  const fired: number[] = [];
  let next = nextTime(times, START - 1, START);
  for (let now = START; now < END; now += MINUTE) {
    if (next === undefined || next > now) continue;
    const due = dueTimes(times, next, now, START);
    fired.push(...due.fire);
    next = due.next;
  }
  return fired;
}

const localDate = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return (at: number) => format.format(at);
};
const localTime = (timeZone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' });
  return (at: number) => format.format(at);
};

describe.each([
  ['America/New_York', '2026-03-08'],
  ['Europe/Berlin', '2026-03-29'],
  ['Australia/Sydney', '2026-10-04'],
  ['America/Santiago', '2026-09-06'],
])('a year of minutes in %s', (timezone, springForward) => {
  it('has a daily task every day once, also where 02:30 is missing or comes twice', () => {
    const fired = aYearOf({ cron: '30 2 * * *', timezone });
    const dates = fired.map(localDate(timezone));
    expect(new Set(dates).size).toBe(dates.length);
    expect(dates).toHaveLength(365);
    const odd = fired.filter((at) => localTime(timezone)(at) !== '02:30').map(localDate(timezone));
    expect(odd.every((date) => date === springForward)).toBe(true);
  });

  it('has a task at 09:00 on 52 Mondays, at that time by the clock on the wall', () => {
    const fired = aYearOf({ cron: '0 9 * * MON', timezone });
    expect(fired).toHaveLength(52);
    expect(new Set(fired.map(localTime(timezone)))).toEqual(new Set(['09:00']));
    expect(
      new Set(fired.map((at) => new Date(at).toLocaleDateString('en', { timeZone: timezone, weekday: 'short' }))),
    ).toEqual(new Set(['Mon']));
  });

  it('has an hourly task every hour that passes', () => {
    const fired = aYearOf({ cron: '0 * * * *', timezone });
    expect(fired).toHaveLength(8760);
    expect(fired.every((at, index) => index === 0 || at - (fired[index - 1] ?? 0) === 60 * MINUTE)).toBe(true);
  });
});

describe('cron lines', () => {
  const first = (cron: string) => new Date(nextTime(ScheduleTimes.parse({ cron }), START, START) ?? 0).toISOString();

  it.each([
    ['0 9 * * 0', '2026-01-04T09:00:00.000Z'],
    ['0 9 * * 7', '2026-01-04T09:00:00.000Z'],
    ['0 9 * * sun', '2026-01-04T09:00:00.000Z'],
    ['*/20 * * * *', '2026-01-01T00:20:00.000Z'],
    ['5 4 1-7/3 FEB *', '2026-02-01T04:05:00.000Z'],
    ['@weekly', '2026-01-04T00:00:00.000Z'],
  ])('%s', (cron, at) => {
    expect(first(cron)).toBe(at);
  });

  it.each([
    [{ cron: '61 * * * *' }, 'cron'],
    [{ cron: '* * * *' }, 'cron'],
    [{ cron: '0 0 9 * * *' }, 'cron'],
    [{ cron: '2030-01-01T00:00:00' }, 'cron'],
    [{ cron: '0 0 30 2 *' }, 'cron'],
    [{ cron: 'every day' }, 'cron'],
    [{}, 'cron'],
    [{ cron: '@daily', every: 60 }, 'cron'],
    [{ cron: '@daily', timezone: 'Mars/Olympus' }, 'timezone'],
    [{ every: 0 }, 'every'],
    [{ every: 30, overlap: 'skip' }, 'overlap'],
  ])('refuses %j, naming %s', (rule, field) => {
    const { error } = ScheduleTimes.safeParse(rule);
    expect(error?.issues.map(({ path }) => path.join('.'))).toEqual([field]);
  });
});

describe('every', () => {
  it('keeps its distance from the moment it was made', () => {
    const times = ScheduleTimes.parse({ every: 90 });
    expect(nextTimes(times, START, START, 3)).toEqual([90_000, 180_000, 270_000].map((ms) => START + ms));
  });

  it('gives the times of the coming minute when it fires more often than the sweep runs', () => {
    const times = ScheduleTimes.parse({ every: 20 });
    const { fire, next } = dueTimes(times, START + 20_000, START, START);
    expect(fire.map((at) => (at - START) / 1000)).toEqual([20, 40, 60]);
    expect(next).toBe(START + 80_000);
  });
});

describe('what was missed', () => {
  const rule = (catchup: string, cron = '0 * * * *') => ScheduleTimes.parse({ cron, catchup });
  const first = START + 60 * MINUTE;
  const late = START + 10 * 60 * MINUTE + 30 * MINUTE;

  it('latest: the last time fires', () => {
    expect(dueTimes(rule('latest'), first, late, START)).toEqual({
      fire: [START + 600 * MINUTE],
      next: START + 660 * MINUTE,
      dropped: 9,
    });
  });

  it('none: nothing fires, but a time noticed minutes late is not missed', () => {
    expect(dueTimes(rule('none'), first, late, START)).toEqual({
      fire: [],
      next: START + 660 * MINUTE,
      dropped: 10,
    });
    expect(dueTimes(rule('none'), first, first + 3 * MINUTE, START).fire).toEqual([first]);
  });

  it('all: every time fires, at most 1,000 at once, and the rest the next time', () => {
    expect(dueTimes(rule('all'), first, late, START).fire).toHaveLength(10);
    const long = dueTimes(rule('all', '* * * * *'), START, START + DAY, START);
    expect(long.fire).toHaveLength(1000);
    expect(long.next).toBe(START + 1000 * MINUTE);
  });

  it('counts at most the first 1,000 of a cron line that are more than five minutes past, and all of `every`', () => {
    const monthLater = START + 30 * DAY;
    const droppedBy = (given: object) => dueTimes(ScheduleTimes.parse(given), START, monthLater, START).dropped;
    expect(droppedBy({ cron: '* * * * *', catchup: 'none' })).toBe(1004);
    expect(droppedBy({ cron: '* * * * *', catchup: 'latest' })).toBe(1004);
    expect(droppedBy({ cron: '*/10 * * * *', catchup: 'none' })).toBe(1000);
    expect(droppedBy({ every: 60, catchup: 'latest' })).toBe(30 * 24 * 60);
  });

  it('fires no time twice and none out of order, with any gaps between the sweeps', () => {
    const rules = fc.oneof(
      fc.record({
        cron: fc.constantFrom('*/7 * * * *', '30 2 * * *', '0 0 1 * *', '15 */5 * * MON-FRI'),
        timezone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
      }),
      fc.record({ every: fc.integer({ min: 10, max: 7200 }) }),
    );
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom('latest', 'none', 'all'),
        fc.array(fc.integer({ min: 1, max: 60 * 24 * 3 }), { minLength: 1, maxLength: 60 }),
        (times, catchup, gaps) => {
          const rule = ScheduleTimes.parse({ ...times, catchup });
          const fired: number[] = [];
          let now = Date.UTC(2026, 2, 20);
          const anchor = now;
          let next = nextTime(rule, now, anchor);
          for (const gap of gaps) {
            now += gap * MINUTE;
            if (next === undefined) break;
            const due = dueTimes(rule, next, now, anchor);
            fired.push(...due.fire);
            expect(due.next === undefined || due.next >= next).toBe(true);
            next = due.next;
          }
          expect(fired).toEqual([...new Set(fired)].sort((a, b) => a - b));
          for (const at of fired) expect(nextTime(rule, at - 1000, anchor)).toBe(at);
          const all = nextTimes(rule, anchor, anchor, fired.length);
          if (catchup === 'all') expect(fired).toEqual(all);
        },
      ),
      { numRuns: 60 },
    );
  });
});
