import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { absolute, bytes, duration, percent, plural, relative, usd } from '../../src/dashboard/format.ts';
import { cronInWords, everyInWords } from '../../src/dashboard/rule.ts';
import { sampleOf } from '../../src/dashboard/sample.ts';
import { filterOf, pageQuery } from '../../src/dashboard/task-query.ts';
import { allTasks } from '../../src/tasks/index.ts';

describe('a span of time', () => {
  it.each([
    [0, '0 ms'],
    [999, '999 ms'],
    [1000, '1.0 s'],
    [59_400, '59 s'],
    [61_000, '1 min 1 s'],
    [7_200_000, '2 h'],
    [90_000_000, '1 d 1 h'],
  ])('of %i ms is written %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('to or from now is rounded down', () => {
    const now = 1_800_000_000_000;

    expect([0, -1, -59_000, -119_000, 3_600_000, 172_800_000].map((distance) => relative(now + distance, now))).toEqual(
      ['just now', 'just now', '59 s ago', '1 min ago', 'in 1 h', 'in 2 d'],
    );
  });

  it('has an absolute time that includes UTC; a text that is no time stays as it is', () => {
    expect(absolute('2026-03-29T01:30:00.123Z')).toContain('01:30:00.123 UTC');
    expect(absolute('<b>')).toBe('<b>');
  });
});

it('numbers are short', () => {
  expect([bytes(999), bytes(81_002), bytes(4_210_331)]).toEqual(['999 B', '81.0 kB', '4.2 MB']);
  expect([percent(0), percent(0.004), percent(0.5)]).toEqual(['0 %', '0.4 %', '50 %']);
  expect([usd(0), usd(0.00000917), usd(0.00824), usd(1.3)]).toEqual(['$0', '$0.0000092', '$0.0082', '$1.3']);
  expect([plural(1, 'task'), plural(1200, 'task')]).toEqual(['1 task', '1,200 tasks']);
});

describe('the filter of an address', () => {
  const now = Date.parse('2026-11-24T12:00:00.000Z');

  it('has the fields that the API accepts', () => {
    const query = new URLSearchParams('status=failure&name=a.b&tag=x&since=1h&until=2026-11-24T11:00:00Z&text=a%20b');

    expect(filterOf(query, now)).toEqual({
      ...{ status: 'FAILURE', name: 'a.b', tag: 'x', text: 'a b' },
      ...{ since: '2026-11-24T11:00:00.000Z', until: '2026-11-24T11:00:00.000Z' },
    });
  });

  it('keeps the cursor of a later page', () => {
    expect(pageQuery(new URLSearchParams('cursor=abc'), now)).toEqual({ limit: '50', cursor: 'abc' });
  });
});

describe('an example input', () => {
  it.each(allTasks({ demo: true }).map((definition) => [definition.name, definition] as const))(
    'has the required fields of %s',
    (_, definition) => {
      const schema = z.toJSONSchema(definition.input, { io: 'input', unrepresentable: 'any' });
      const { required = [] } = schema as { required?: string[] };

      expect(Object.keys(sampleOf(schema) as object)).toEqual(expect.arrayContaining(required));
    },
  );

  it('is valid if the JSON Schema has all rules of the definition', () => {
    for (const definition of allTasks({ demo: true }).filter(({ name }) =>
      /^demo\.(add|sleep|flaky|log)$/.test(name),
    )) {
      const sample = sampleOf(z.toJSONSchema(definition.input, { io: 'input' }));
      expect(definition.input.safeParse(sample).success, definition.name).toBe(true);
    }
  });

  it('exists even without a valid schema, and ends for a schema that contains itself', () => {
    const node: Record<string, unknown> = { type: 'object', required: ['next'] };
    node.properties = { next: node };

    expect(sampleOf(undefined)).toEqual({});
    expect(sampleOf('x')).toEqual({});
    expect(JSON.stringify(sampleOf(node))).toContain('next');
  });
});

describe('the rule of a schedule', () => {
  it.each([
    ['0 9 * * MON', 'At 09:00, only on Monday'],
    ['*/15 8-17 * * 1-5', 'Every 15 minutes, between 08:00 and 17:59, Monday through Friday'],
    ['30 0 1 * *', 'At 00:30, on day 1 of the month'],
    ['0 0 * * 7', 'At 00:00, only on Sunday'],
    ['@daily', 'At 00:00'],
    ['whenever', undefined],
    ['', undefined],
  ])('%j is written %j', (cron, words) => {
    expect(cronInWords(cron)).toBe(words);
  });

  it('uses the largest unit that divides the number of seconds', () => {
    expect([1, 90, 60, 5400, 3600, 172_800, 0.5, 0, Number.NaN].map(everyInWords)).toEqual([
      'Every second',
      'Every 90 seconds',
      'Every minute',
      'Every 90 minutes',
      'Every hour',
      'Every 2 days',
      'Every 0.5 seconds',
      undefined,
      undefined,
    ]);
  });
});
