// Cron lines as crontab(5) reads them, over two years in six zones, against an evaluator of our own. Debian's cron, run on
// sample days, agreed: a day field that begins with `*` is not restricted, so both day fields must match; only when both are
// restricted does either suffice.
import { describe, expect, it } from 'vitest';
import { nextTime, ScheduleTimes } from '../../../src/engine/schedule/entry.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const END = Date.UTC(2028, 0, 1);
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;

const NAMES: Record<string, number> = Object.fromEntries([
  ...['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'].map((name, index) => [name, index]),
  ...['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'].map((name, index) => [
    name,
    index + 1,
  ]),
]);

/** The values that a field allows. */
function valuesOf(field: string, min: number, max: number): Set<number> {
  const values = new Set<number>();
  const number = (text: string) => NAMES[text.toUpperCase()] ?? Number(text);
  for (const part of field.split(',')) {
    const [range = '', step = '1'] = part.split('/');
    const [from = '', to = from] = range.split('-');
    const [first, last] =
      range === '*' ? [min, max] : [number(from), part.includes('/') && to === from ? max : number(to)];
    for (let value = first; value <= last; value += Number(step)) values.add(max === 7 ? value % 7 : value);
  }
  return values;
}

interface Line {
  cron: string;
  day?: 'both';
}

/** The dates on which the line fires, `2026-01-31`. */
function datesOf({ cron, day }: Line): string[] {
  const [, , dom = '', month = '', dow = ''] = cron.split(' ');
  const [doms, months, dows] = [valuesOf(dom, 1, 31), valuesOf(month, 1, 12), valuesOf(dow, 0, 7)];
  const mustBoth = day === 'both' || dom.startsWith('*') || dow.startsWith('*');
  const dates: string[] = [];
  for (let at = START; at < END; at += DAY_MS) {
    const date = new Date(at);
    const [onDom, onDow] = [doms.has(date.getUTCDate()), dows.has(date.getUTCDay())];
    const fits = mustBoth ? onDom && onDow : onDom || onDow;
    if (months.has(date.getUTCMonth() + 1) && fits) dates.push(date.toISOString().slice(0, 10));
  }
  return dates;
}

/** The local dates of the times that the schedule fires at. */
function fired(line: Line, timezone: string): string[] {
  const times = ScheduleTimes.parse({ ...line, timezone });
  const local = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, dateStyle: 'short' });
  const dates: string[] = [];
  for (let at = nextTime(times, START - 2 * DAY_MS, 0); at !== undefined; at = nextTime(times, at, 0)) {
    const date = local.format(at);
    if (date >= '2028-01-01') break;
    if (date >= '2026-01-01') dates.push(date);
  }
  return dates;
}

const LINES: [line: string, times: number, day?: 'both'][] = [
  ['0 9 * * *', 730],
  ['0 9 * * MON', 104],
  ['0 9 1 * *', 24],
  ['0 9 1 * MON', 124],
  ['0 9 1 * MON', 4, 'both'],
  ['0 9 */2 * MON', 53],
  ['0 9 1 * */2', 13],
  ['0 9 1-15/2 * MON-FRI', 576],
  ['0 9 1-15/2 * MON-FRI', 138, 'both'],
  ['0 9 1,15 * FRI', 147],
  ['0 9 */10 * 1-5', 58],
  ['0 9 31 * *', 14],
  ['0 9 * JAN,JUL 1-5/2', 53],
  ['0 9 13 * FRI', 125],
  ['0 9 13 * FRI', 4, 'both'],
  ['0 9 * */3 0', 34],
  ['0 9 1-7 * 7', 248],
  ['0 9 1-7 * 0', 24, 'both'],
  ['0 9 1-31 * MON', 730],
  ['0 9 *,1 * MON', 104],
  ['0 9 1,*/10 * MON', 178],
  ['0 9 10-20/5,25 MAR-MAY *', 24],
];

describe('a cron line', () => {
  it.each(LINES)('%s fires on %i days in two years', (cron, times, day) => {
    const line = { cron, ...(day && { day }) };
    const expected = datesOf(line);
    expect(expected).toHaveLength(times);
    for (const zone of ZONES) expect([zone, fired(line, zone)]).toEqual([zone, expected]);
  });

  it.each([
    ['60 * * * *', 'minute: 60'],
    ['0 24 * * *', 'hour: 24'],
    ['0 9 0 * *', 'day: 0'],
    ['0 9 32 * *', 'day: 32'],
    ['0 9 * 13 *', 'month: 13'],
    ['0 9 * * 8', 'dayOfWeek: 8'],
  ])('%s is refused with the value that is wrong', (cron, value) => {
    const { error } = ScheduleTimes.safeParse({ cron });
    expect(error?.issues.map(({ message }) => message)).toEqual([
      `"${cron}" is not a cron line: Invalid value for ${value}`,
    ]);
  });

  it('that never fires in ten years is refused, and one for leap days is not', () => {
    expect(ScheduleTimes.safeParse({ cron: '0 9 30 FEB *' }).success).toBe(false);
    expect(ScheduleTimes.safeParse({ cron: '0 9 29 FEB *' }).success).toBe(true);
  });

  it.each(['*', 'MON', 'SUN-SAT/3', 'MON#1', 'FRI#5', '7#5', 'THU#L', '5L'])(
    'for every day and every month is not searched for its next time, because it fires: %s',
    (weekday) => {
      const times = ScheduleTimes.parse({ cron: `0 9 * * ${weekday}` });
      expect(nextTime(times, START, START)).toBeGreaterThan(START);
    },
  );
});
