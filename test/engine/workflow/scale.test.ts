// Workflows of any size cost work in proportion to it, also where many of their tasks fail at once. The cost lines are read by the bench.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask, group } from '../../../src/engine/index.ts';
import { useEngine } from '../../../src/engine/manage.ts';
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
