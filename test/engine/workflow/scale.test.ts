// Workflows of any size cost work in proportion to it, also where many of their tasks fail at once. The cost lines are read by the bench.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, dag, defineTask, group } from '../../../src/engine/index.ts';
import { findWorkflow, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';

const member = defineTask({
  name: 'test.member',
  input: z.object({ n: z.int(), fails: z.boolean().default(false) }),
  output: z.object({ n: z.int() }),
  retry: { max: 0 },
  run({ n, fails }) {
    if (fails) throw new Error(`member ${n}`);
    return { n };
  },
});
const body = defineTask({
  name: 'test.body',
  input: z.object({ results: z.array(z.unknown()) }),
  output: z.object({ count: z.int() }),
  run: ({ results }) => ({ count: results.length }),
});
const follower = defineTask({ name: 'test.follower', input: z.object({}), output: z.object({}), run: () => ({}) });

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([member, body, follower]);
  await env.DB.exec('DROP TRIGGER legal_transitions'); // the triggers of tests read rows too
  useEngine(engine);
  engine.batches.splice(0);
  return engine;
}

function rowsOf(engine: TestEngine) {
  const metas = engine.batches.flat().map(({ meta }) => meta);
  const sum = (field: 'rows_read' | 'rows_written') => metas.reduce((total, meta) => total + meta[field], 0);
  return { read: sum('rows_read'), written: sum('rows_written') };
}

async function settleAll(engine: TestEngine): Promise<void> {
  for (let round = 0; round < 60; round++) {
    await engine.deliver();
    if (Object.values(engine.sent).every((messages) => messages.length === 0)) return;
  }
  throw new Error('still not done');
}

async function chordOf(count: number) {
  const engine = await anEngine();
  const members = Array.from({ length: count }, (_, n) => member.s({ n }));
  const { resultTaskId } = await chord(members, body.s()).enqueue();
  await settleAll(engine);
  const result = await env.DB.prepare('SELECT result FROM tasks WHERE id = ?').bind(resultTaskId).first('result');
  expect(result).toBe(`{"count":${count}}`);
  const { read, written } = rowsOf(engine);
  const cost = { read: read / count, written: written / count };
  console.log(
    `cost chord_${count} rows_read=${cost.read} rows_written=${cost.written} messages=0 round_trips=${engine.batches.length / count}`,
  );
  return cost;
}

describe('a chord', () => {
  it('costs the same rows a member at 100, at 1,000 and at 10,000', async () => {
    const small = await chordOf(100);
    const middle = await chordOf(1000);
    const large = await chordOf(10_000);
    expect(middle.read).toBeLessThan(small.read * 1.1);
    expect(large.read).toBeLessThan(small.read * 1.1);
    expect(large.written).toBeLessThan(small.written * 1.1);
  }, 120_000);
});

/** Ten layers of nodes; each comes after two nodes of the layer before. */
function layers(count: number, firstFails = false, when: 'all_success' | 'one_failed' = 'all_success') {
  const width = count / 10;
  const name = (layer: number, n: number) => `l${layer}n${n % width}`;
  const nodes = Array.from({ length: count }, (_, index) => {
    const [layer, n] = [Math.floor(index / width), index % width];
    const run = member.si({ n, fails: firstFails && layer === 0 });
    const place = { after: [name(layer - 1, n), name(layer - 1, n + 1)], when: layer === 1 ? when : 'all_success' };
    return [name(layer, n), layer === 0 ? { run } : { run, ...place }] as const;
  });
  return dag(Object.fromEntries(nodes));
}

async function graphOf(count: number, part = layers(count)) {
  const engine = await anEngine();
  const { workflowId } = await part.enqueue();
  await settleAll(engine);
  const { workflow, result } = await findWorkflow(engine, workflowId, 0);
  const { read, written } = rowsOf(engine);
  const cost = { read: read / count, written: written / count };
  return { status: workflow.status, done: workflow.done, cost, result, roundTrips: engine.batches.length / count };
}

describe('a graph', () => {
  it('costs the same rows a node at 100, at 1,000 and at 10,000', async () => {
    const costs: { read: number; written: number }[] = [];
    for (const count of [100, 1000, 10_000]) {
      const { status, done, cost, result, roundTrips } = await graphOf(count);
      expect({ status, done }).toEqual({ status: 'SUCCESS', done: count + 1 });
      const sinks = result && 'json' in result ? Object.keys(JSON.parse(result.json)).length : undefined;
      expect(sinks).toBe(count / 10);
      console.log(
        `cost graph_${count} rows_read=${cost.read} rows_written=${cost.written} messages=0 round_trips=${roundTrips}`,
      );
      costs.push(cost);
    }
    const [small, middle, large] = costs as [(typeof costs)[0], (typeof costs)[0], (typeof costs)[0]];
    for (const larger of [middle, large]) {
      expect(larger.read).toBeLessThan(small.read * 1.1);
      expect(larger.written).toBeLessThan(small.written * 1.1);
    }
  }, 240_000);

  it.each([
    ['fail', 'FAILURE', (count: number) => layers(count, true)],
    ['are not needed', 'SUCCESS', (count: number) => layers(count, false, 'one_failed')],
  ] as const)(
    'costs in proportion where all nodes behind the first layer %s',
    async (_, status, shape) => {
      const small = await graphOf(200, shape(200));
      const large = await graphOf(4000, shape(4000));
      expect(large).toMatchObject({ status, done: 4001 });
      expect(large.cost.read).toBeLessThan(small.cost.read * 1.3);
      expect(large.cost.written).toBeLessThan(small.cost.written * 1.3);
    },
    240_000,
  );
});

describe('a mass failure', () => {
  async function failing(failures: number, followers: number) {
    const engine = await anEngine();
    const header = Array.from({ length: failures }, (_, n) => member.s({ n, fails: true }));
    const tail = group(Array.from({ length: followers }, () => follower.si({})));
    const { taskIds } = await chain(group(header), body.s(), tail).enqueue();
    engine.batches.splice(0);
    await settleAll(engine);
    const { results } = await env.DB.prepare(
      `SELECT state, error ->> 'message' AS message, count(*) AS n FROM tasks
       WHERE id IN (SELECT value FROM json_each(?)) AND name <> 'test.member' GROUP BY 1, 2`,
    )
      .bind(JSON.stringify(taskIds))
      .all<{ state: string; message: string; n: number }>();
    return { results, cost: rowsOf(engine).read / taskIds.length, taskIds };
  }

  it('of many members ends all that follows, names one cause, and costs in proportion', async () => {
    const small = await failing(20, 200);
    const large = await failing(400, 4000);
    expect(large.results).toHaveLength(1);
    const [lost] = large.results;
    expect(lost).toMatchObject({ state: 'FAILURE', n: 4002 });
    expect(large.taskIds).toContain(lost?.message.match(/^Dependency (\S+) raised Error: member \d+$/)?.[1]);
    expect(large.cost).toBeLessThan(small.cost * 1.3);
  }, 120_000);
});
