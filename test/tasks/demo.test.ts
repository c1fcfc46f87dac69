import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, findTask } from '../../src/engine/manage.ts';
import { demoTasks } from '../../src/tasks/demo.ts';
import { makeEngine } from '../support/engine.ts';

/** Runs a demo task to its end. */
async function run(name: string, input: object) {
  const engine = await makeEngine([], { registry: createRegistry(demoTasks) });
  const [receipt] = await enqueue(engine, [{ definition: engine.registry.get(name)!, input }]);
  await engine.drain(40);
  const { state, attempts, result, error } = await findTask(engine, receipt!.taskId);
  return { state, attempts, result: result && JSON.parse((result as { json: string }).json), error };
}

describe('the demo tasks', () => {
  it.each([
    ['demo.echo', { value: [1, 'x'] }, { value: [1, 'x'] }],
    ['demo.add', { a: 1, b: 2 }, { sum: 3 }],
    ['demo.log', { lines: 2 }, { lines: 2 }],
    ['demo.big', { bytes: 3 }, { data: 'xxx' }],
    ['demo.limited', { value: 1 }, { value: 1 }],
    ['demo.sleep', { seconds: 0, steps: 2 }, { slept: 0 }],
  ])('%s succeeds with its result', async (name, input, result) => {
    expect(await run(name, input)).toMatchObject({ state: 'SUCCESS', result });
  });

  it('demo.flaky fails as often as asked, and then succeeds', async () => {
    expect(await run('demo.flaky', { failures: 2 })).toMatchObject({ state: 'SUCCESS', result: { attempts: 3 } });
  });

  it('demo.fail fails with the given message, at once if asked', async () => {
    const failed = await run('demo.fail', { message: 'no luck', permanent: true });

    expect(failed).toMatchObject({ state: 'FAILURE', attempts: 1, error: { message: 'no luck' } });
  });
});
