// The queues: their names, bindings and sizes.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { PRIORITIES, QUEUE_NAMES, QUEUES, queueBindings, queueNamed } from '../../src/engine/queues.ts';

describe('a queue', () => {
  it.each(QUEUE_NAMES)('"%s" is found by the end of its name at Cloudflare', (name) => {
    expect(queueNamed(`errand-${name}`)).toBe(name);
    expect(queueNamed(`my-staging-${name}`)).toBe(name);
  });

  it('is none of ours without the dash, and the dead-letter queue is none', () => {
    expect(queueNamed('errand-dead')).toBeUndefined();
    expect(queueNamed('overflow')).toBeUndefined();
  });

  it('has a binding in the Worker’s environment', () => {
    const bound = queueBindings(env);
    expect(Object.keys(bound)).toEqual(QUEUE_NAMES);
    for (const queue of Object.values(bound)) expect(queue.sendBatch).toBeTypeOf('function');
  });

  it('without a binding stops the start-up, and is named', () => {
    const { QUEUE_LOW: _, ...rest } = env as unknown as Record<string, unknown>;
    expect(() => queueBindings(rest)).toThrow('no queue producer with the binding QUEUE_LOW (queue "low")');
  });

  it.each(Object.entries(QUEUES))(
    '"%s" claims at least as many tasks as it runs at once',
    (_, { burst, concurrency }) => {
      expect(burst).toBeGreaterThanOrEqual(concurrency);
    },
  );

  it('of a priority is one of the queues', () => {
    expect(QUEUE_NAMES).toEqual(expect.arrayContaining([...PRIORITIES]));
  });
});
