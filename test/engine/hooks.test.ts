// Hooks around every task.
import { describe, expect, it } from 'vitest';
import { type Hooks, PermanentFailure } from '../../src/engine/index.ts';
import { enqueue, findTask } from '../../src/engine/manage.ts';
import { makeEngine, rowOf } from '../support/engine.ts';
import { stepped } from '../support/stepped.ts';

async function run(hooks: Hooks[], code: Parameters<typeof stepped>[0], input: unknown = { card: '4111' }) {
  const definition = stepped(code, { retry: { max: 0 } });
  const engine = await makeEngine([definition], { hooks });
  const [receipt] = await enqueue(engine, [{ definition, input }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId, task: await findTask(engine, receipt!.taskId) };
}

describe('hooks', () => {
  it('run in order around the code, and know its outcome', async () => {
    const seen: string[] = [];
    const hook = (name: string): Hooks => ({
      beforeRun: (task, { attempt }) => void seen.push(`${name} before ${task} ${attempt}`),
      afterRun: (_, __, outcome) => void seen.push(`${name} after ${JSON.stringify(outcome)}`),
    });
    await run([hook('a'), hook('b')], () => seen.push('code'));
    expect(seen).toEqual([
      'a before test.stepped 1',
      'b before test.stepped 1',
      'code',
      'a after {"result":3}',
      'b after {"result":3}',
    ]);
  });

  it('may change what is stored, one after the other', async () => {
    const redact: Hooks = { onEnqueue: () => ({ input: { card: '…' } }) };
    const tag: Hooks = {
      onEnqueue: ({ options, input }) => ({ options: { ...options, tags: [JSON.stringify(input)] } }),
    };
    const { id } = await run([redact, tag], (_, input) => input);
    expect(await rowOf(id)).toMatchObject({
      input: '{"card":"…"}',
      result: '{"card":"…"}',
      tags: '["{\\"card\\":\\"…\\"}"]',
    });
  });

  it('that throw before or after the code fail the attempt; before it, the code does not run', async () => {
    let ran = 0;
    const fail = () => {
      throw new PermanentFailure('no tenant', 'no_tenant');
    };
    const before = await run([{ beforeRun: fail }], () => ran++);
    const after = await run([{ afterRun: fail }], () => ran++);
    expect([before.task.error?.code, after.task.error?.code, ran]).toEqual(['no_tenant', 'no_tenant', 1]);
    await expect(run([{ onEnqueue: fail }], () => ran++)).rejects.toThrow('no tenant');
  });

  it('learn of errors, and of attempts that end in a wait', async () => {
    const outcomes: unknown[] = [];
    const hooks: Hooks[] = [{ afterRun: (_, __, outcome) => void outcomes.push(outcome) }];
    const failed = await run(hooks, () => {
      throw new Error('broken');
    });
    const { engine, task } = await run(hooks, ({ step }) => step.sleep('a while', '1 hour'));
    expect([failed.task.state, task.state]).toEqual(['FAILURE', 'RETRY']);
    expect(outcomes).toMatchObject([{ error: { message: 'broken' } }, { waits: true }]);
    await engine.drain();
    expect(outcomes).toHaveLength(3);
  });
});
