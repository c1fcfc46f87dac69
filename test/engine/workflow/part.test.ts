// What flows through a workflow, as the compiler sees it. Nothing here is enqueued.
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, type chunks, defineTask, group, map, type WorkflowPart } from '../../../src/engine/index.ts';

const fetchUser = defineTask({
  name: 'type.fetch',
  input: z.object({ id: z.string() }),
  output: z.object({ email: z.string(), age: z.number() }),
  run: () => ({ email: '', age: 1 }),
});
const greet = defineTask({
  name: 'type.greet',
  input: z.object({ email: z.string(), age: z.number(), greeting: z.string() }),
  output: z.number(),
  run: () => 1,
});
const save = defineTask({
  name: 'type.save',
  input: z.object({ result: z.number() }),
  output: z.object({ saved: z.boolean() }),
  run: () => ({ saved: true }),
});
const sum = defineTask({
  name: 'type.sum',
  input: z.object({ results: z.array(z.number()) }),
  output: z.number(),
  run: () => 1,
});

type Flows<Part> = Part extends WorkflowPart<never, infer Out> ? Out : never;

describe('types flow', () => {
  it('through delay and enqueue', () => {
    expectTypeOf(fetchUser.delay).parameter(0).toEqualTypeOf<{ id: string }>();
    // @ts-expect-error a number is no id
    () => fetchUser.delay({ id: 7 });
    // @ts-expect-error nothing is missing
    () => greet.delay({ email: 'a@example.com', age: 1 });
  });

  it('through a chain: the output of a link, and what is bound, make the next input', () => {
    const whole = chain(fetchUser.s({ id: '1' }), greet.s({ greeting: 'hi' }), save.s());
    expectTypeOf<Flows<typeof whole>>().toEqualTypeOf<{ saved: boolean }>();
    // @ts-expect-error greet lacks its greeting
    () => chain(fetchUser.s({ id: '1' }), greet.s());
    // @ts-expect-error save wants a result, not a user
    () => chain(fetchUser.s({ id: '1' }), save.s());
    chain(fetchUser.s({ id: '1' }), save.si({ result: 1 }));
  });

  it('through a group and a chord: results in a list', () => {
    const members = group([greet.si({ email: '', age: 1, greeting: '' })]);
    expectTypeOf<Flows<typeof members>>().toEqualTypeOf<{ results: number[] }>();
    const total = chord([greet.si({ email: '', age: 1, greeting: '' })], sum.s());
    expectTypeOf<Flows<typeof total>>().toEqualTypeOf<{ result: number }>();
    const users = chord([fetchUser.s({ id: '1' })], sum.s());
    expectTypeOf<Flows<typeof users>>().toBeNever();
  });

  it('through map and chunks', () => {
    const mapped = map(fetchUser, [{ id: '1' }]);
    expectTypeOf<Flows<typeof mapped>>().toEqualTypeOf<{ results: { email: string; age: number }[] }>();
    expectTypeOf<Flows<ReturnType<typeof chunks<{ id: string }, number>>>>().toEqualTypeOf<{ results: number[][] }>();
    // @ts-expect-error no user has such an id
    () => map(fetchUser, [{ id: 1 }]);
  });
});
