// What becomes of a graph for every mix of ends: its nodes, its own state and its result.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, dag, defineTask, group } from '../../../src/engine/index.ts';
import { findWorkflow, retryWorkflow, revokeTask, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine } from '../../support/engine.ts';

/** Fails as long as `broken` has its name; results in what it received. */
const broken = new Set<string>();
const step = defineTask({
  name: 'test.step',
  input: z.looseObject({ is: z.string() }),
  output: z.object({ is: z.string(), got: z.record(z.string(), z.unknown()) }),
  retry: { max: 0 },
  run({ is, ...got }) {
    if (broken.has(is)) throw new Error(`${is} is broken`);
    return { is, got };
  },
});
const s = (is: string) => step.s({ is });

async function run(part: { enqueue(): Promise<{ workflowId: string }> }, fails: string[]) {
  const engine = await makeEngine([step]);
  useEngine(engine);
  broken.clear();
  for (const name of fails) broken.add(name);
  const { workflowId } = await part.enqueue();
  await engine.drain(100);
  return { engine, workflowId, ...(await show(engine, workflowId)) };
}

async function show(engine: Awaited<ReturnType<typeof makeEngine>>, workflowId: string) {
  const { workflow, tasks, result } = await findWorkflow(engine, workflowId, 100);
  const states = Object.fromEntries(
    tasks.flatMap(({ node, state, notNeeded }) =>
      node === undefined ? [] : [[node, notNeeded ? 'not needed' : state]],
    ),
  );
  const value = result && 'json' in result ? (JSON.parse(result.json) as Record<string, unknown>) : undefined;
  return { status: workflow.status, ended: workflow.done === workflow.total, states, result: value };
}

const of = (is: string, got: Record<string, unknown> = {}) => ({ is, got });
const failure = (is: string) => ({ error: { code: 'error', type: 'Error', message: `${is} is broken` } });

describe('a graph', () => {
  const pipeline = () =>
    dag({
      extract: s('extract'),
      check: { run: s('check'), after: ['extract'] },
      load: { run: s('load'), after: ['extract', 'check'] },
      clean: { run: s('clean'), after: ['load'], when: 'all_done' },
      alert: { run: s('alert'), after: ['extract', 'check', 'load'], when: 'one_failed' },
    });

  it('gives each node the results of its parents by name, and the results of its sinks', async () => {
    const { status, states, result } = await run(pipeline(), []);
    const extract = of('extract');
    const check = of('check', { extract });
    const load = of('load', { extract, check });
    expect(states).toEqual({
      extract: 'SUCCESS',
      check: 'SUCCESS',
      load: 'SUCCESS',
      clean: 'SUCCESS',
      alert: 'not needed',
    });
    expect({ status, result }).toEqual({ status: 'SUCCESS', result: { clean: of('clean', { load }) } });
  });

  it('succeeds if nodes for any end and for a failure took the failure up', async () => {
    const { status, states, result, ended } = await run(pipeline(), ['check']);
    expect(states).toEqual({
      extract: 'SUCCESS',
      check: 'FAILURE',
      load: 'FAILURE',
      clean: 'SUCCESS',
      alert: 'SUCCESS',
    });
    expect({ status, ended }).toEqual({ status: 'SUCCESS', ended: true });
    const lost = {
      error: { code: 'dependency', type: 'DependencyError', message: expect.stringContaining('check is broken') },
    };
    expect(result).toEqual({
      clean: of('clean', { load: lost }),
      alert: of('alert', { extract: of('extract'), check: failure('check'), load: lost }),
    });
  });

  it('fails if a sink fails, also one that was to take a failure up', async () => {
    const one = await run(pipeline(), ['check', 'alert']);
    expect(one).toMatchObject({ status: 'FAILURE', ended: true, states: { alert: 'FAILURE', clean: 'SUCCESS' } });
    const plain = dag({ a: s('a'), b: { run: s('b'), after: ['a'] }, other: s('other') });
    const two = await run(plain, ['a']);
    expect(two).toMatchObject({ status: 'FAILURE', states: { a: 'FAILURE', b: 'FAILURE', other: 'SUCCESS' } });
  });

  it('has the result of a node that only a failure continues, and the error of it after that failure', async () => {
    const guarded = () => dag({ load: s('load'), alert: { run: s('alert'), after: ['load'], when: 'one_failed' } });
    const well = await run(guarded(), []);
    expect(well).toMatchObject({ status: 'SUCCESS', states: { load: 'SUCCESS', alert: 'not needed' } });
    expect(well.result).toEqual({ load: of('load') });
    const ill = await run(guarded(), ['load']);
    expect(ill).toMatchObject({ status: 'SUCCESS', states: { load: 'FAILURE', alert: 'SUCCESS' } });
    expect(ill.result).toEqual({ load: failure('load'), alert: of('alert', { load: failure('load') }) });
  });

  it('skips what follows a node that was not needed, except for a node for any end', async () => {
    const { status, states, result } = await run(
      dag({
        a: s('a'),
        repair: { run: s('repair'), after: ['a'], when: 'one_failed' },
        again: { run: s('again'), after: ['a', 'repair'] },
        last: { run: s('last'), after: ['again'], when: 'all_done' },
        alarm: { run: s('alarm'), after: ['repair', 'again'], when: 'one_failed' },
      }),
      [],
    );
    expect(states).toEqual({
      a: 'SUCCESS',
      repair: 'not needed',
      again: 'not needed',
      last: 'SUCCESS',
      alarm: 'not needed',
    });
    expect(status).toBe('SUCCESS');
    expect(result).toMatchObject({ last: { got: { again: { error: { code: 'not_needed' } } } } });
  });

  it('lets a failure win over a node that was not needed, in whatever order they end', async () => {
    const mixed = (...after: ['bad', 'skipped'] | ['skipped', 'bad']) =>
      dag({
        ok: s('ok'),
        bad: { run: s('bad'), after: ['ok'] },
        skipped: { run: s('skipped'), after: ['ok'], when: 'one_failed' },
        join: { run: s('join'), after },
        alert: { run: s('alert'), after: ['join'], when: 'one_failed' },
      });
    for (const part of [mixed('bad', 'skipped'), mixed('skipped', 'bad')]) {
      const { states } = await run(part, ['bad']);
      expect(states).toMatchObject({ skipped: 'not needed', join: 'FAILURE', alert: 'SUCCESS' });
    }
  });

  it('counts a task that was not needed neither as revoked nor as an attempt', async () => {
    await env.DB.prepare('DELETE FROM task_stats').run();
    await run(pipeline(), []);
    const counted = await env.DB.prepare(
      "SELECT sum(succeeded) AS succeeded, sum(revoked) AS revoked, sum(attempts) AS attempts FROM task_stats WHERE name = 'test.step'",
    ).first();
    expect(counted).toEqual({ succeeded: 4, revoked: 0, attempts: 4 });
  });

  it('takes a revoked parent for a failed one', async () => {
    const engine = await makeEngine([step]);
    useEngine(engine);
    broken.clear();
    const { workflowId, taskIds } = await pipeline().enqueue();
    await revokeTask(engine, taskIds[0]!);
    await engine.drain(100);
    const { status, states } = await show(engine, workflowId);
    expect(states).toEqual({
      extract: 'REVOKED',
      check: 'REVOKED',
      load: 'REVOKED',
      clean: 'SUCCESS',
      alert: 'SUCCESS',
    });
    expect(status).toBe('SUCCESS');
  });

  it('runs again what failed and what depends on it, and keeps the rest', async () => {
    const first = await run(pipeline(), ['check']);
    broken.clear();
    const { engine, workflowId } = first;
    const before = await env.DB.prepare(
      "SELECT fence FROM tasks JOIN workflow_tasks ON task_id = id WHERE node = 'extract' ORDER BY id DESC",
    ).first('fence');
    expect(await retryWorkflow(engine, workflowId)).toBe(5);
    await engine.drain(100);
    const again = await show(engine, workflowId);
    expect(again).toMatchObject({ status: 'SUCCESS', ended: true });
    expect(again.states).toEqual({
      extract: 'SUCCESS',
      check: 'SUCCESS',
      load: 'SUCCESS',
      clean: 'SUCCESS',
      alert: 'not needed',
    });
    expect(
      await env.DB.prepare(
        "SELECT fence FROM tasks JOIN workflow_tasks ON task_id = id WHERE node = 'extract' ORDER BY id DESC",
      ).first('fence'),
    ).toBe(before);
  });
});

describe('a graph in other parts, and other parts in a graph', () => {
  it('flows by name', async () => {
    const inner = dag({ x: s('x'), y: { run: s('y'), after: ['x'] } });
    const nested = dag({
      pair: group([s('p'), s('q')]),
      line: { run: chain(s('l1'), s('l2')), after: ['pair'] },
      inner: { run: inner, after: ['line'] },
      sum: { run: chord([s('c1'), s('c2')], s('body')), after: ['inner', 'pair'] },
    });
    const { status, result } = await run(chain(s('before'), nested, s('behind')), []);
    const pair = [of('p', { got: {} }), of('q', { got: {} })];
    const l1 = of('l1', { pair });
    const x = of('x', { line: of('l2', { got: l1.got }) });
    const y = of('y', { x });
    const member = (is: string) => of(is, { inner: { y }, pair });
    const body = of('body', { results: [member('c1'), member('c2')] });
    expect(status).toBe('SUCCESS');
    expect(result).toEqual(of('behind', { sum: body }));
  });

  it('does not run a node for any end if the part before the graph failed', async () => {
    const graph = dag({ x: s('x'), clean: { run: s('clean'), after: ['x'], when: 'all_done' } });
    const { status, states } = await run(chain(s('before'), graph), ['before']);
    expect({ status, states }).toEqual({ status: 'FAILURE', states: { x: 'FAILURE', clean: 'FAILURE' } });
  });

  it('is not needed as a whole', async () => {
    const handler = dag({ x: s('x'), clean: { run: s('clean'), after: ['x'], when: 'all_done' } });
    const part = { enqueue: () => s('a').enqueue({ onError: handler }) };
    const well = await run(part, []);
    expect(well).toMatchObject({ status: 'SUCCESS', ended: true });
    expect(well.states).toEqual({ x: 'not needed', clean: 'not needed' });
    const ill = await run(part, ['a']);
    expect(ill).toMatchObject({ status: 'FAILURE', states: { x: 'SUCCESS', clean: 'SUCCESS' } });
    const asNode = dag({ a: s('a'), undo: { run: handler, after: ['a'], when: 'one_failed' } });
    const skipped = await run(asNode, []);
    expect(skipped).toMatchObject({ status: 'SUCCESS', ended: true });
    expect(skipped.states).toMatchObject({ 'undo.x': 'not needed', 'undo.clean': 'not needed', undo: 'not needed' });
  });
});
