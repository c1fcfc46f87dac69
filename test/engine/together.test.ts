// Calls of concurrent requests that are made in one go.
import { describe, expect, it } from 'vitest';
import { createLine, runTogether } from '../../src/engine/together.ts';
import { makeEngine } from '../support/engine.ts';

/** Each group takes as long as `open` is pending; `groups` lists what ran together. */
async function aLine() {
  const engine = await makeEngine([]);
  const line = createLine<string, string>();
  const groups: string[][] = [];
  let open = Promise.withResolvers<void>();
  const run = async (calls: readonly string[]) => {
    groups.push([...calls]);
    await open.promise;
    if (calls.includes('bad')) throw new Error(`no: ${calls}`);
    return calls.map((call) => call.toUpperCase());
  };
  const ask = (call: string, isShared = false) => runTogether(engine, line, call, run, () => isShared);
  const finish = () => {
    open.resolve();
    open = Promise.withResolvers();
    open.resolve();
  };
  return { engine, line, groups, ask, finish };
}

const settled = (promises: Promise<string>[]) =>
  Promise.all(promises.map((promise) => promise.catch((error: Error) => error.message)));

describe('calls of concurrent requests', () => {
  it('run at once when none runs, and together when one does', async () => {
    const { groups, ask, finish } = await aLine();
    const first = ask('a');
    const others = ['b', 'c', 'd'].map((call) => ask(call));
    await scheduler.wait(20);
    expect(groups).toEqual([['a']]);
    finish();
    expect(await Promise.all([first, ...others])).toEqual(['A', 'B', 'C', 'D']);
    expect(groups).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('run alone again when their group fails, so that none fails for the sake of another', async () => {
    const { groups, ask, finish } = await aLine();
    const all = ['a', 'b', 'bad', 'c'].map((call) => ask(call));
    finish();
    expect(await settled(all)).toEqual(['A', 'B', 'no: bad', 'C']);
    expect(groups.slice(0, 2)).toEqual([['a'], ['b', 'bad', 'c']]);
    expect(groups.slice(2).toSorted()).toEqual([['b'], ['bad'], ['c']]);
  });

  it('fail together when each would fail in the same way', async () => {
    const { groups, ask, finish } = await aLine();
    const all = ['a', 'b', 'bad'].map((call) => ask(call, true));
    finish();
    expect(await settled(all)).toEqual(['A', 'no: b,bad', 'no: b,bad']);
    expect(groups).toHaveLength(2);
  });

  it('are made by each request itself when the one that leads their group is gone', async () => {
    const { engine, line, groups, ask } = await aLine();
    const lost = ask('lost');
    const others = [ask('b'), ask('c')];
    await scheduler.wait(20);
    // The request of "lost" has ended in the middle: nothing will ever end its group.
    engine.advance(5);
    line.took = 0;
    const run = runTogether(
      engine,
      line,
      'd',
      async (calls) => calls.map((call) => call.toUpperCase()),
      () => false,
    );
    expect(await run).toBe('D');
    expect(groups[0]).toEqual(['lost']);
    void settled([lost, ...others]);
  });

  it('do not wait for a full group', async () => {
    const { groups, ask, finish } = await aLine();
    const all = Array.from({ length: 120 }, (_, index) => ask(`call ${index}`));
    await scheduler.wait(20);
    finish();
    expect(new Set(await Promise.all(all)).size).toBe(120);
    expect(
      groups
        .map(({ length }) => length)
        .toSorted((a, b) => a - b)
        .at(-1),
    ).toBe(100);
  });
});
