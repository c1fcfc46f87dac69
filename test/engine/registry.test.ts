// Which definitions a deployment knows.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../src/engine/index.ts';
import { createRegistry } from '../../src/engine/manage.ts';
import { scripted } from '../support/scripted.ts';

const add = defineTask({
  name: 'test.add',
  input: z.object({ a: z.number(), b: z.number().default(1) }),
  output: z.object({ sum: z.number() }),
  run: ({ a, b }) => ({ sum: a + b }),
});

describe('the registry', () => {
  it('refuses two definitions of one name, also where one is built in', () => {
    expect(() => createRegistry([add, add])).toThrow('two tasks are named "test.add"');
    expect(() => createRegistry([{ ...add, name: 'canvas.gather' }])).toThrow('two tasks are named "canvas.gather"');
  });

  it('lists definitions by name, without those that the engine itself enqueues', () => {
    const registry = createRegistry([scripted, add]);
    expect(registry.all().map(({ name }) => name)).toEqual(['test.add', 'test.scripted']);
    expect(registry.get('canvas.gather')?.name).toBe('canvas.gather');
    expect(registry.get('test.none')).toBeUndefined();
  });

  it('suggests known names for a misspelt one, and none for a name that is far off', () => {
    const registry = createRegistry([add, scripted]);
    expect(registry.nearest('test.ad')).toContain('test.add');
    expect(registry.nearest('zzzzzzzzzzzzzzzzzzzz')).toEqual([]);
  });

  it('suggests at most three names, the nearest first', () => {
    const registry = createRegistry(['aaa', 'aab', 'abb', 'bbb'].map((end) => ({ ...add, name: `test.${end}` })));
    expect(registry.nearest('test.aaa')).toEqual(['test.aaa', 'test.aab', 'test.abb']);
  });
});
