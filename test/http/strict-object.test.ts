import { z } from '@hono/zod-openapi';
import { expect, it } from 'vitest';
import { strictObject } from '../../src/http/strict-object.ts';

const schema = strictObject({ name: z.string(), input: z.unknown().optional() }, { task: 'Write `name`, not `task`.' });
const messagesOf = (given: z.ZodType, value: unknown) =>
  given.safeParse(value).error?.issues.map(({ message }) => message);

it('takes an object with the fields of its shape', () => {
  expect(schema.parse({ name: 'a' })).toEqual({ name: 'a' });
});

it('says which field to write instead of one that callers often confuse', () => {
  expect(messagesOf(schema, { name: 'a', task: 'a' })).toEqual([
    'There is no field "task" here. Write `name`, not `task`.',
  ]);
});

it('lists its fields for any other unknown field', () => {
  expect(messagesOf(schema, { name: 'a', x: 1, y: 2 })).toEqual([
    'There are no fields "x", "y" here. The fields are name, input.',
  ]);
});

it('lists also the fields that extend() added', () => {
  expect(messagesOf(schema.extend({ extra: z.string() }), { name: 'a', extra: 'b', x: 1 })).toEqual([
    'There is no field "x" here. The fields are name, input, extra.',
  ]);
});

it('leaves the messages of its fields alone', () => {
  expect(messagesOf(schema, { name: 1 })?.[0]).toContain('expected string');
});

it('lists its fields also for an unknown field that every object inherits', () => {
  expect(messagesOf(schema, { name: 'a', constructor: 1 })).toEqual([
    'There is no field "constructor" here. The fields are name, input.',
  ]);
});
