// A task of ten steps beside a chain of ten tasks. The cost lines are read by the bench.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { chain, group } from '../../../src/engine/index.ts';
import { enqueue, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, type TestEngine } from '../../support/engine.ts';
import { stepped } from '../../support/stepped.ts';

const COUNT = 1000;
const link = stepped(() => 1, { name: 'test.link' });
const ten = stepped(
  async ({ step }) => {
    for (let n = 0; n < 10; n++) await step.do(`step ${n}`, () => 1);
  },
  { name: 'test.ten' },
);

/** Of one task or chain, when `COUNT` are enqueued in one call. */
async function costOf(name: string, begin: (engine: TestEngine) => Promise<unknown>) {
  const engine = await makeEngine([link, ten]);
  useEngine(engine);
  await env.DB.exec('DROP TRIGGER legal_transitions'); // the triggers of tests read rows too
  engine.batches.splice(0);
  await begin(engine);
  let messages = 0;
  for (let round = 0; round < 200; round++) {
    await engine.idle();
    if (engine.sent.default.length === 0) break;
    messages += engine.sent.default.length;
    await engine.deliver();
  }
  const open = await env.DB.prepare("SELECT count(*) AS n FROM tasks WHERE state <> 'SUCCESS'").first('n');
  expect(open).toBe(0);
  const metas = engine.batches.flat().map(({ meta }) => meta);
  const sum = (field: 'rows_read' | 'rows_written') => metas.reduce((total, meta) => total + meta[field], 0) / COUNT;
  const cost = { read: sum('rows_read'), written: sum('rows_written') };
  const line = `rows_read=${cost.read} rows_written=${cost.written} messages=${messages / COUNT} round_trips=${engine.batches.length / COUNT}`;
  console.log(`cost ${name} ${line}`);
  return cost;
}

it('costs the rows of a task and one for each step: less than a third of what the chain writes', async () => {
  const steps = await costOf('ten_steps', (engine) =>
    enqueue(
      engine,
      Array.from({ length: COUNT }, () => ({ definition: ten, input: null })),
    ),
  );
  const links = await costOf('ten_links', () => {
    const chains = Array.from({ length: COUNT }, () => {
      const [first, ...rest] = Array.from({ length: 10 }, () => link.si(null));
      return chain(first!, ...rest);
    });
    return group(chains).enqueue();
  });
  expect(steps.written).toBeLessThanOrEqual(17.1);
  expect(steps.written).toBeLessThan(links.written / 3);
}, 120_000);
