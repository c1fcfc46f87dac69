// What flows through a workflow, as the compiler sees it. Nothing here is enqueued.
import { describe, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  chain,
  chord,
  type chunks,
  dag,
  defineTask,
  group,
  map,
  type WorkflowPart,
} from '../../../src/engine/index.ts';

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

  it('through a graph: a node receives the results of its parents by name', () => {
    const count = defineTask({
      name: 'type.count',
      input: z.object({ user: z.object({ email: z.string(), age: z.number() }), sum: z.number(), note: z.string() }),
      output: z.object({ counted: z.number() }),
      run: () => ({ counted: 1 }),
    });
    const whole = dag({
      user: fetchUser.s({ id: '1' }),
      sum: sum.si({ results: [1] }),
      count: { run: count.s({ note: '' }), after: ['user', 'sum'] },
    });
    expectTypeOf<Flows<typeof whole>>().toEqualTypeOf<{ count: { counted: number } }>();
    const user = fetchUser.s({ id: '1' });
    // @ts-expect-error the result of `sum` is missing
    () => dag({ user, count: { run: count.s({ note: '' }), after: ['user'] } });
    // @ts-expect-error a user is no sum
    () => dag({ user, sum: user, count: { run: count.s({ note: '' }), after: ['user', 'sum'] } });
    // @ts-expect-error the note is not bound
    () => dag({ user, sum: sum.si({ results: [1] }), count: { run: count.s(), after: ['user', 'sum'] } });
    // @ts-expect-error no node has this name
    () => dag({ user, save: { run: save.si({ result: 1 }), after: ['usr'] } });
    // @ts-expect-error a node cannot come after itself
    () => dag({ user, save: { run: save.si({ result: 1 }), after: ['save'] } });
    // @ts-expect-error there is no such end
    () => dag({ user, save: { run: save.si({ result: 1 }), after: ['user'], when: 'one_success' } });
  });

  it('through a graph whose nodes may fail: an error in the place of a result, and no result of what was not needed', () => {
    const error = z.object({ error: z.object({ code: z.string(), type: z.string(), message: z.string() }) });
    const report = defineTask({
      name: 'type.report',
      input: z.object({ load: z.union([z.object({ saved: z.boolean() }), error]) }),
      output: z.object({ line: z.string() }),
      run: () => ({ line: '' }),
    });
    const whole = dag({
      load: save.si({ result: 1 }),
      report: { run: report.s(), after: ['load'], when: 'all_done' },
      alert: { run: report.s(), after: ['load'], when: 'one_failed' },
      later: { run: save.si({ result: 1 }), after: ['alert'] },
    });
    expectTypeOf<Flows<typeof whole>>().toEqualTypeOf<{ report: { line: string }; later?: { saved: boolean } }>();
    const strict = fetchUser.s({ id: '1' });
    const onlySaved = defineTask({
      name: 'type.only_saved',
      input: z.object({ load: z.object({ saved: z.boolean() }) }),
      output: z.object({}),
      run: () => ({}),
    });
    dag({ load: save.si({ result: 1 }), next: { run: onlySaved.s(), after: ['load'] } });
    // @ts-expect-error the load may have failed
    () => dag({ load: save.si({ result: 1 }), next: { run: onlySaved.s(), after: ['load'], when: 'all_done' } });
    const guarded = dag({ load: strict, alert: { run: save.si({ result: 1 }), after: ['load'], when: 'one_failed' } });
    type Failed = { error: { code: string; type: string; message: string } };
    expectTypeOf<Flows<typeof guarded>>().toEqualTypeOf<{
      load: { email: string; age: number } | Failed;
      alert?: { saved: boolean };
    }>();
  });

  it('through a graph inside a chain: its roots need what the part before passes on, and its results flow by name', () => {
    const inner = dag({ greet: greet.s({ greeting: 'hi' }), save: { run: save.si({ result: 1 }), after: ['greet'] } });
    const whole = chain(fetchUser.s({ id: '1' }), inner);
    expectTypeOf<Flows<typeof whole>>().toEqualTypeOf<{ save: { saved: boolean } }>();
    // @ts-expect-error greet wants a user
    () => chain(save.si({ result: 1 }), inner);
    const nodes: Record<string, { run: typeof inner; after: string[] }> = {};
    expectTypeOf<Flows<ReturnType<typeof dag<typeof nodes>>>>().toEqualTypeOf<Record<string, unknown>>();
  });

  it('through map and chunks', () => {
    const mapped = map(fetchUser, [{ id: '1' }]);
    expectTypeOf<Flows<typeof mapped>>().toEqualTypeOf<{ results: { email: string; age: number }[] }>();
    expectTypeOf<Flows<ReturnType<typeof chunks<{ id: string }, number>>>>().toEqualTypeOf<{ results: number[][] }>();
    // @ts-expect-error no user has such an id
    () => map(fetchUser, [{ id: 1 }]);
  });
});
