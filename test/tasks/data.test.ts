import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { chain } from '../../src/engine/index.ts';
import { createRegistry, findTask, useEngine } from '../../src/engine/manage.ts';
import { allTasks, processData, saveData, validateData } from '../../src/tasks/index.ts';
import { makeEngine } from '../support/engine.ts';

type Json = Record<string, never>;

/** Runs the chain of POST /process, and returns the last task's result or the failed task's error. */
async function process(data: object) {
  const engine = await makeEngine([], { registry: createRegistry(allTasks({ demo: false })) });
  useEngine(engine);
  const links = chain(validateData.s({ data: data as Json }), processData.s(), saveData.s());
  const { resultTaskId } = await links.enqueue();
  await engine.drain();
  const { result, error } = await findTask(engine, resultTaskId);
  return result ? JSON.parse((result as { json: string }).json) : error;
}

describe('the chain of data tasks', () => {
  it('trims texts, sorts fields at every depth, and counts them', async () => {
    const { file, bytes, summary } = await process({ b: ' x ', a: [{ d: 1, c: ' y' }], e: null });
    const stored = await env.FILES.get(file);
    const text = (await stored?.text()) ?? '';

    expect(JSON.parse(text)).toEqual({ a: [{ c: 'y', d: 1 }], b: 'x', e: null });
    expect(Object.keys(JSON.parse(text))).toEqual(['a', 'b', 'e']);
    expect(bytes).toBe(text.length);
    expect(summary).toEqual({ fields: 5, texts: 2, numbers: 1 });
  });

  it('writes equal data to the same file', async () => {
    expect((await process({ a: 'x ' })).file).toBe((await process({ a: ' x' })).file);
  });

  it.each([
    ['an empty object', {}, 'The data is an empty object'],
    ['a blank field name', { ' ': 1 }, 'blank name'],
  ])('fails for %s', async (_, data, message) => {
    expect(await process(data)).toMatchObject({ message: expect.stringContaining(message) });
  });
});
