// The retry of a whole workflow: the failed tasks and all that depend on them run again, the others are kept.
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chain, chord, defineTask, group } from '../../../src/engine/index.ts';
import {
  findTask,
  findWorkflow,
  listAttempts,
  retryWorkflow,
  revokeWorkflow,
  useEngine,
} from '../../../src/engine/manage.ts';
import { makeEngine, statesOf, type TestEngine } from '../../support/engine.ts';
import { runsOf, scripted } from '../../support/scripted.ts';

const collect = defineTask({
  name: 'test.collect',
  input: z.object({ results: z.array(z.unknown()) }),
  output: z.object({ got: z.array(z.unknown()) }),
  run: ({ results }) => ({ got: results }),
});

const told: string[] = [];
const tell = defineTask({
  name: 'test.tell',
  input: z.object({ task_id: z.string(), error: z.unknown() }),
  output: z.object({}),
  run({ task_id }) {
    told.push(task_id);
    return {};
  },
});

const large = defineTask({
  name: 'test.large',
  input: z.object({ results: z.array(z.unknown()) }),
  output: z.string(),
  run: () => 'x'.repeat(200_000),
});

async function anEngine(): Promise<TestEngine> {
  const engine = await makeEngine([scripted, collect, tell, large]);
  useEngine(engine);
  return engine;
}

const resultOf = async (engine: TestEngine, id: string) => {
  const { result } = await findTask(engine, id);
  return result && 'json' in result ? JSON.parse(result.json) : result;
};

describe('a retried workflow', () => {
  it('runs a body again that ran with an error, and keeps its history', async () => {
    const engine = await anEngine();
    const header = [scripted.s({ do: ['succeed'] }), scripted.s({ do: ['fail', 'succeed'] })];
    const { workflowId, taskIds, resultTaskId } = await chord(header, collect.s(), {
      onChildFailure: 'continue',
    }).enqueue();
    await engine.drain();
    expect(await resultOf(engine, resultTaskId)).toMatchObject({
      got: [{ attempt: 1 }, { error: { code: 'on_purpose' } }],
    });

    expect(await retryWorkflow(engine, workflowId)).toBe(2);
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'PENDING', 'WAITING']);
    expect((await findWorkflow(engine, workflowId)).workflow).toMatchObject({ done: 1, total: 3 });
    await engine.drain();

    expect(await resultOf(engine, resultTaskId)).toEqual({ got: [{ attempt: 1 }, { attempt: 1 }] });
    expect((await listAttempts(engine, resultTaskId)).map(({ outcome }) => outcome)).toEqual(['SUCCESS', 'SUCCESS']);
    expect(runsOf(taskIds[0]!)).toHaveLength(1);
    await expect(retryWorkflow(engine, workflowId)).rejects.toMatchObject({ code: 'workflow_not_failed' });
  });

  it('runs its error callback after a second failure, and not after a success', async () => {
    const engine = await anEngine();
    told.splice(0);
    const { workflowId, taskIds } = await chain(
      scripted.s({ do: ['fail', 'fail', 'succeed'] }),
      scripted.si({}),
    ).enqueue({
      onError: tell.s(),
    });
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE', 'SUCCESS']);
    await retryWorkflow(engine, workflowId);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE', 'SUCCESS']);
    expect(told).toEqual([taskIds[1], taskIds[1]]);
    await retryWorkflow(engine, workflowId);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'SUCCESS', 'REVOKED']);
    expect((await findTask(engine, taskIds[2]!)).error?.code).toBe('not_needed');
  });

  it('lets a callback that was not needed wait again when the task before it runs again', async () => {
    const engine = await anEngine();
    told.splice(0);
    const member = scripted.s({ do: ['fail', 'fail'] });
    const body = scripted.si({ do: ['succeed', 'fail'] }).linkError(tell.s());
    const { workflowId } = await chord([member], body, { onChildFailure: 'continue' }).enqueue();
    await engine.drain();
    expect(told).toEqual([]);
    await retryWorkflow(engine, workflowId);
    await engine.drain();
    expect(told).toHaveLength(1);
  });

  it('runs again as a whole when a part of it failed after the bulk retry was asked for, and no second time', async () => {
    const engine = await anEngine();
    const early = scripted.s({ do: ['fail', 'succeed'] });
    const late = scripted.s({ do: ['snooze', 'fail', 'succeed'] });
    const { workflowId, taskIds } = await chord([early, late], collect.s()).enqueue();
    await engine.deliver();
    engine.advance(5);
    const askedFor = engine.clock.now();
    engine.advance(5);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE', 'FAILURE']);

    expect(await retryWorkflow(engine, workflowId, askedFor)).toBe(3);
    expect(await statesOf(taskIds)).toEqual(['PENDING', 'PENDING', 'WAITING']);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS']);
    await expect(retryWorkflow(engine, workflowId, askedFor)).rejects.toMatchObject({ code: 'workflow_not_failed' });
  });

  it('that failed again since the bulk retry was asked for is left alone', async () => {
    const engine = await anEngine();
    const { workflowId, taskIds } = await group([scripted.s({ do: ['fail'] })]).enqueue();
    await engine.drain();
    engine.advance(5);
    const askedFor = engine.clock.now();
    await retryWorkflow(engine, workflowId, askedFor);
    engine.advance(5);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['FAILURE', 'FAILURE']);
    await expect(retryWorkflow(engine, workflowId, askedFor)).rejects.toMatchObject({ code: 'workflow_not_failed' });
  });

  it('runs to its end after it was revoked', async () => {
    const engine = await anEngine();
    const { workflowId, taskIds } = await chord([scripted.s({}), scripted.s({})], collect.s()).enqueue({
      onError: tell.s(),
    });
    await revokeWorkflow(engine, workflowId);
    await retryWorkflow(engine, workflowId);
    await engine.drain();
    expect(await statesOf(taskIds)).toEqual(['SUCCESS', 'SUCCESS', 'SUCCESS', 'REVOKED']);
  });

  it('leaves no large result behind that no task names', async () => {
    const engine = await anEngine();
    const { workflowId, resultTaskId } = await chord([scripted.s({ do: ['fail', 'succeed'] })], large.s(), {
      onChildFailure: 'continue',
    }).enqueue();
    await engine.drain();
    const before = await findTask(engine, resultTaskId);
    const key = before.result && 'key' in before.result ? before.result.key : '';
    expect(await env.FILES.head(key)).not.toBeNull();
    await retryWorkflow(engine, workflowId);
    expect(await env.FILES.head(key)).toBeNull();
  });
});
