import { describe, expect, it } from 'vitest';
import { createRegistry, decideApproval, enqueue, findTask, listSteps, sendEvent } from '../../src/engine/manage.ts';
import { demoStepTasks } from '../../src/tasks/demo-steps.ts';
import { makeEngine } from '../support/engine.ts';

async function start(name: string, input: object) {
  const engine = await makeEngine([], { registry: createRegistry(demoStepTasks) });
  const [receipt] = await enqueue(engine, [{ definition: engine.registry.get(name)!, input }]);
  await engine.deliver();
  engine.advance(60);
  const id = receipt!.taskId;
  const ended = async () => {
    await engine.drain(40);
    const { state, attempts, result, error } = await findTask(engine, id);
    return { state, attempts, result: result && JSON.parse((result as { json: string }).json), code: error?.code };
  };
  return { engine, id, ended };
}

describe('the demo tasks with steps', () => {
  it('demo.steps says in which attempt each body ran', async () => {
    const { ended } = await start('demo.steps', { names: ['a', 'b', 'c'], fail_in: 'b', failures: 2, sleep: 60 });
    const steps = [
      ['a', 1],
      ['b', 3],
      ['c', 3],
    ].map(([name, attempt]) => ({ name, attempt }));
    expect(await ended()).toMatchObject({ state: 'SUCCESS', result: { steps } });
  });

  it('demo.wait returns the payload', async () => {
    const { engine, ended } = await start('demo.wait', { type: 'a.b', key: 'k', timeout: 3600 });
    await sendEvent(engine, { type: 'a.b', key: 'k', payload: [1] });
    expect(await ended()).toMatchObject({ state: 'SUCCESS', result: { payload: [1] } });
    expect(await (await start('demo.wait', { type: 'a.c', timeout: 1 })).ended()).toMatchObject({
      code: 'step_timeout',
    });
  });

  it.each([
    [
      true,
      { state: 'SUCCESS', result: { order: 'o1', shipment: 'shipment of o1', approved_by: 'ada' } },
      ['offered', 'offered'],
    ],
    [false, { state: 'FAILURE', code: 'rejected' }, ['done', 'done']],
  ])('demo.checkout approved: %s', async (approved, end, undos) => {
    const { engine, id, ended } = await start('demo.checkout', { order: 'o1', total: 12 });
    await decideApproval(engine, { taskId: id, name: 'approve', occurrence: 1 }, { approved, by: 'ada', note: null });
    expect(await ended()).toMatchObject(end);
    expect((await listSteps(engine, id)).flatMap(({ undo }) => undo?.outcome ?? [])).toEqual(undos);
  });
});
