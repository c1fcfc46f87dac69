// Which queue a task goes into.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask } from '../../../src/engine/index.ts';
import { queueOf } from '../../../src/engine/limits/routes.ts';
import { parseRoutes } from '../../../src/engine/manage.ts';
import { makeEngine } from '../../support/engine.ts';

describe('routes', () => {
  const named = (name: string) => defineTask({ name, input: z.object({}), output: z.object({}), run: () => ({}) });

  it('choose the queue by name where neither call nor definition does', async () => {
    const engine = await makeEngine([]);
    engine.settings.routes = parseRoutes('report.*=low, *.send=email, a.*.z=files');
    expect(queueOf(engine, named('report.make'))).toBe('low');
    expect(queueOf(engine, named('sms.send'))).toBe('email');
    expect(queueOf(engine, named('a.b.z'))).toBe('files');
    expect(queueOf(engine, named('reports.make'))).toBe('default');
    expect(queueOf(engine, named('report.make'), { priority: 'high' })).toBe('high');
    expect(queueOf(engine, { ...named('report.make'), queue: 'files' })).toBe('files');
  });

  it.each(['report.*', 'report.*=fast', '=low', 'Report=low'])('refuse "%s"', (text) => {
    expect(() => parseRoutes(text)).toThrow('is not a route');
  });

  it('are tried in their order: the first that fits wins', () => {
    const settings = { routes: parseRoutes('a.*=low, *=high, a.b=files') };
    expect(queueOf({ settings }, named('a.b'))).toBe('low');
    expect(queueOf({ settings }, named('b.a'))).toBe('high');
  });

  it('match a star with any text, and the text around it exactly', () => {
    const settings = { routes: parseRoutes('a.*b.*.c=low') };
    const fitting = ['a.b.x.c', 'a.xb.c.c', 'a.b.b.c'].map((name) => queueOf({ settings }, named(name)));
    const others = ['a.b.c', 'a.b.x.cc', 'aa.b.x.c'].map((name) => queueOf({ settings }, named(name)));
    expect([new Set(fitting), new Set(others)]).toEqual([new Set(['low']), new Set(['default'])]);
  });
});
