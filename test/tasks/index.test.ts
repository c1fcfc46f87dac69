import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createRegistry } from '../../src/engine/manage.ts';
import { allTasks } from '../../src/tasks/index.ts';

const names = (demo: boolean) => allTasks({ demo }).map(({ name }) => name);

describe('the list of tasks', () => {
  it('can be registered: no two tasks have the same name', () => {
    expect(() => createRegistry(allTasks({ demo: true }))).not.toThrow();
  });

  it('can make the schemas of each: a start of the Worker does not make them', () => {
    for (const { name, input, output } of allTasks({ demo: true }))
      expect([input instanceof z.ZodType, output instanceof z.ZodType], name).toEqual([true, true]);
  });

  it('contains the demo tasks only when they are switched on', () => {
    expect(names(false).filter((name) => name.startsWith('demo.'))).toEqual([]);
    expect(names(true)).toEqual(expect.arrayContaining([...names(false), 'demo.echo']));
  });
});
