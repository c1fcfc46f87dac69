// What follows in a workflow when one of its tasks ends.
import { describe, expect, it } from 'vitest';
import { chain, chord } from '../../../src/engine/index.ts';
import { findWorkflow, revokeTask, useEngine } from '../../../src/engine/manage.ts';
import { makeEngine, rowOf, statesOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

async function anEngine() {
  const engine = await makeEngine([scripted]);
  useEngine(engine);
  return engine;
}

const errorOf = async (id: string) => JSON.parse(String((await rowOf(id)).error)) as { code: string; message: string };

describe('a child', () => {
  it('waits until its last parent has ended', async () => {
    const engine = await anEngine();
    const header = [scripted.si({}), scripted.si({ do: ['snooze', 'succeed'] })];
    const { taskIds } = await chord(header, scripted.si({})).enqueue();
    await engine.deliver();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'RETRY', 'WAITING']);
    expect((await rowOf(taskIds[2]!)).open_parents).toBe(1);
    engine.advance(11);
    await engine.deliver();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'SUCCESS', 'PENDING']);
    expect(engine.sent.default.map(({ body }) => body.ids)).toEqual([[taskIds[2]]]);
  });

  it('that can never run ends as its parent did, all the way down, and names the first cause', async () => {
    const engine = await anEngine();
    const { taskIds, workflowId } = await chain(
      scripted.si({ do: ['fail'] }),
      scripted.si({}),
      scripted.si({}),
    ).enqueue();
    await engine.deliver();
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE', 'FAILURE']);
    const error = {
      code: 'dependency',
      message: `Dependency ${taskIds[0]} raised PermanentFailure: failed on purpose`,
    };
    expect([await errorOf(taskIds[1]!), await errorOf(taskIds[2]!)]).toMatchObject([error, error]);
    expect((await findWorkflow(engine, workflowId)).workflow).toMatchObject({ done: 3, total: 3, status: 'FAILURE' });
  });

  it('of a revoked parent is revoked', async () => {
    const engine = await anEngine();
    const { taskIds } = await chain(scripted.si({}), scripted.si({})).enqueue();
    await revokeTask(engine, taskIds[0]!);
    expect(await statesOf(taskIds)).toEqual(['REVOKED', 'REVOKED']);
  });

  it('that waits for a failure is revoked as not needed after a success', async () => {
    const engine = await anEngine();
    const { taskIds } = await scripted.si({}).linkError(scripted.si({})).enqueue();
    await engine.deliver();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'REVOKED']);
    expect(await errorOf(taskIds[1]!)).toMatchObject({ code: 'not_needed' });
  });
});
