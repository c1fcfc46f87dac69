import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { logFields, logMessage } from '../../src/engine/log-fields.ts';
import { consoleLogger, enqueueOne, listAttempts } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

class Money {
  #cents = 5n;
  currency = 'EUR';
  toJSON() {
    return { cents: this.#cents, currency: this.currency };
  }
}

const circle: Record<string, unknown> = { name: 'circle' };
circle.self = circle;
circle.list = [circle, { circle }];
const shared = { a: 1 };
let deep: unknown = 'bottom';
for (let level = 0; level < 50_000; level++) deep = { deep };

const failing = () => {
  throw new Error('no');
};
const hostile = new Proxy({}, { ownKeys: failing, get: failing, has: failing, getPrototypeOf: failing });
const strangeError = Object.defineProperty(new Error('x'), 'message', { get: failing });

/** [what it is, what is logged, what the line holds] */
const VALUES: [name: string, value: unknown, plain: unknown][] = [
  ['text', 'a', 'a'],
  ['a number', 1.5, 1.5],
  ['a number that JSON lacks', [Number.NaN, -Infinity], ['NaN', '-Infinity']],
  ['nothing', [null, undefined], [null, null]],
  ['a BigInt', 12345678901234567890n, '12345678901234567890'],
  ['a BigInt inside', { list: [-1n, { n: 2n }] }, { list: ['-1', { n: '2' }] }],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a function', failing, '[function failing]'],
  ['a class', Money, '[function Money]'],
  ['a circle', circle, { name: 'circle', self: '[circular]', list: ['[circular]', { circle: '[circular]' }] }],
  ['the same object twice', [shared, shared], [{ a: 1 }, { a: 1 }]],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['a date that is none', new Date(Number.NaN), 'Invalid Date'],
  ['a map', new Map<string, unknown>([['n', 1n]]), { n: '1' }],
  ['a map of other keys', new Map<unknown, unknown>([[1n, shared]]), [['1', { a: 1 }]]],
  ['a set', new Set([1n, 'b']), ['1', 'b']],
  ['an address', new URL('https://example.com/a'), 'https://example.com/a'],
  ['a pattern', /a+/g, '/a+/g'],
  ['bytes', [new Uint8Array(3), new ArrayBuffer(4)], ['[3 bytes]', '[4 bytes]']],
  ['a toJSON', new Money(), { cents: '5', currency: 'EUR' }],
  ['a toJSON that throws', { toJSON: failing }, '[unreadable: no]'],
  ['a toJSON that throws no error', { toJSON: () => Promise.reject.call(0 as never) }, expect.any(String)],
  [
    'a getter that throws',
    {
      a: 1,
      get b() {
        return failing();
      },
    },
    { a: 1, b: '[unreadable: no]' },
  ],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1n }), { a: '1' }],
  ['a proxy that throws', hostile, expect.stringContaining('[unreadable')],
  ['an error whose message throws', strangeError, '[unreadable: no]'],
];

describe('the fields of a log line', () => {
  it.each(VALUES)('hold %s', (_, value, plain) => {
    const fields = logFields({ value });

    expect(fields.value).toEqual(plain);
    expect(JSON.parse(JSON.stringify(fields))).toEqual(JSON.parse(JSON.stringify({ value: fields.value })));
  });

  it('hold an error with its name, message, stack and cause, at any depth', () => {
    const error = new TypeError('outer', { cause: new Error('inner') });
    const plain = { type: 'TypeError', message: 'outer', stack: expect.stringContaining('outer'), cause: 'inner' };

    expect(logFields({ error, list: [error] })).toEqual({ error: plain, list: [plain] });
    expect(logFields({ error: new Error('x', { cause: { code: 5n } }) })).toMatchObject({
      error: { cause: { code: '5' } },
    });
  });

  it('end at 20 levels', () => {
    expect(JSON.stringify(logFields({ deep }))).toContain('[more than 20 levels]');
  });

  it('are there also for fields that are no object', () => {
    expect(logFields(undefined)).toEqual({});
    expect(logFields('text')).toEqual({ value: 'text' });
    expect(logFields([1n])).toEqual({ value: ['1'] });
  });

  it('go with a message of any type', () => {
    expect([logMessage('a'), logMessage(5n), logMessage({ a: 1n }), logMessage(undefined), logMessage(circle)]).toEqual(
      [
        ...['a', '5', '{"a":"1"}', 'undefined'],
        '{"name":"circle","self":"[circular]","list":["[circular]",{"circle":"[circular]"}]}',
      ],
    );
    expect(logMessage(hostile)).toContain('[unreadable');
  });
});

describe('a log call', () => {
  const text: string[] = [];
  beforeEach(() => void vi.spyOn(console, 'log').mockImplementation((line: string) => void text.push(line)));
  afterEach(() => void vi.restoreAllMocks());

  it('never fails its task, and keeps what the value was when it was logged', async () => {
    const talking = defineTask({
      name: 'test.logs_anything',
      input: z.object({}),
      output: z.object({}),
      run(_, ctx) {
        const counter = { n: 1 };
        ctx.log('counter', { counter });
        counter.n = 2;
        for (const [name, value] of VALUES) ctx.log(name, { value });
        ctx.log(7n as unknown as string, 'no object' as unknown as Record<string, unknown>);
        return {};
      },
    });
    const engine = await makeEngine([talking], { logger: consoleLogger });
    const { taskId } = await enqueueOne(engine, { definition: talking, input: {} });
    await engine.drain();

    const [attempt] = await listAttempts(engine, taskId);
    expect(attempt?.outcome).toBe('SUCCESS');
    expect(attempt?.logs).toHaveLength(VALUES.length + 2);
    expect(attempt?.logs[0]).toMatchObject({ message: 'counter', fields: { counter: { n: 1 } } });
    expect(attempt?.logs.at(-1)).toMatchObject({ message: '7', fields: { value: 'no object' } });
    const bigint = text.map((line) => JSON.parse(line)).find(({ message }) => message === 'a BigInt');
    expect(bigint).toMatchObject({ value: '12345678901234567890', task: 'test.logs_anything' });
  });
});
