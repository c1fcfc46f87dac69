// What people do with steps: decide approvals, run again from one, fork.
import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { PermanentFailure, StepTimeout } from '../../../src/engine/index.ts';
import {
  approvalLinks,
  decideApproval,
  enqueue,
  findApproval,
  findTask,
  forkTask,
  listApprovals,
  listSteps,
  retryTask,
} from '../../../src/engine/manage.ts';
import { findNamedPayloads } from '../../../src/engine/store/find-named-payloads.ts';
import { deleteTasks } from '../../../src/engine/store/prune-tasks.ts';
import { makeEngine, rowOf, type TestEngine } from '../../support/engine.ts';
import { runSteps, stepped, stepRowsOf } from '../../support/stepped.ts';

/** All tasks here have the same name, so those of other tests would run too. */
beforeEach(async () => {
  await env.DB.batch(['tasks', 'task_steps'].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

const links = approvalLinks({ PUBLIC_URL: 'https://errand.example/', LINK_SECRET: 'x'.repeat(40) });

/** A task that asks for an approval before it waits for it. */
async function ask(beforeWait: (link: string | undefined) => unknown = () => {}) {
  const definition = stepped(async ({ step }) => {
    const asked = await step.approval('ship', { title: 'Ship it?', details: { order: 12 } });
    await step.do('send the link', () => void beforeWait(asked.link));
    const { approved, by, note } = await asked.decision();
    return [approved, by, note ?? null];
  });
  const engine = await makeEngine([definition], links);
  const [receipt] = await enqueue(engine, [{ definition, input: null }]);
  await engine.deliver();
  return { engine, id: receipt!.taskId, name: { taskId: receipt!.taskId, name: 'ship', occurrence: 1 } };
}

const resultOf = async (engine: TestEngine, id: string) => {
  const { state, result, error } = await findTask(engine, id);
  return result && 'json' in result ? [state, JSON.parse(result.json)] : [state, error?.code];
};

describe('an approval', () => {
  it('has a link before it is waited for, is listed while it is open, and lets the task go on', async () => {
    const sent: unknown[] = [];
    const { engine, id, name } = await ask((link) => sent.push(link));
    expect(sent).toEqual([expect.stringMatching(/^https:\/\/errand\.example\/approve\/[\w-]+\.[\w-]{43}$/)]);
    const open = (await listApprovals(engine, 1000)).filter(({ taskId }) => taskId === id);
    expect(open).toMatchObject([{ name: 'ship', title: 'Ship it?', details: '{"order":12}', task: 'test.stepped' }]);

    const decided = await decideApproval(engine, name, { approved: true, by: 'ada', note: 'fine' });
    expect(decided).toMatchObject({ state: 'decided', decision: { approved: true, by: 'ada', note: 'fine' } });
    await engine.deliver();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', [true, 'ada', 'fine']]);
    expect((await listApprovals(engine, 1000)).filter(({ taskId }) => taskId === id)).toEqual([]);
  });

  it('can be decided before the task waits for it', async () => {
    const definition = stepped(async ({ step, id: own }) => {
      const asked = await step.approval('ship', { title: 'Ship it?' });
      await step.do('click', async () => {
        await decideApproval(
          second,
          { taskId: own, name: 'ship', occurrence: 1 },
          { approved: false, by: 'link', note: null },
        );
      });
      return (await asked.decision()).approved;
    });
    const second = await makeEngine([definition]);
    const [receipt] = await enqueue(second, [{ definition, input: null }]);
    await second.drain();
    expect(await resultOf(second, receipt!.taskId)).toEqual(['SUCCESS', false]);
    expect(second.complaints).toEqual([]);
  });

  it('is decided once: the second says who was first; two at once, and one of them', async () => {
    const { engine, name } = await ask();
    const both = await Promise.allSettled([
      decideApproval(engine, name, { approved: true, by: 'ada', note: null }),
      decideApproval(engine, name, { approved: false, by: 'bob', note: null }),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(decideApproval(engine, name, { approved: true, by: 'eve', note: null })).rejects.toMatchObject({
      code: 'approval_decided',
    });
  });

  it('expires, and ends with its task', async () => {
    const { engine, name } = await ask();
    engine.advance(7 * 86_400);
    const decision = { approved: true, by: 'ada', note: null };
    await expect(decideApproval(engine, name, decision)).rejects.toMatchObject({ code: 'approval_expired' });
    expect((await findApproval(engine, name)).state).toBe('expired');
    await engine.drain();
    expect(await resultOf(engine, name.taskId)).toEqual(['FAILURE', 'step_timeout']);
    const unknown = { ...name, name: 'other' };
    await expect(decideApproval(engine, unknown, decision)).rejects.toMatchObject({ code: 'approval_not_found' });
  });

  it('that times out can be caught', async () => {
    const { engine, id } = await runSteps(async ({ step }) => {
      const asked = await step.approval('ship', { title: 'Ship it?', timeout: '1 hour' });
      return asked.decision().then(
        () => 'decided',
        (error: unknown) => (error instanceof StepTimeout ? 'too late' : 'other'),
      );
    });
    await engine.drain();
    expect(await resultOf(engine, id)).toEqual(['SUCCESS', 'too late']);
  });
});

/** A task with three steps whose last one fails until `mended`. */
async function pipeline() {
  const ran: string[] = [];
  const state = { mended: false };
  const definition = stepped(async ({ step }) => {
    await step.do('extract', () => 'x'.repeat(50_000 + ran.push('extract')));
    await step.do('clean', () => ran.push('clean'));
    await step.do('load', () => {
      ran.push('load');
      if (!state.mended) throw new PermanentFailure('no');
    });
  });
  const engine = await makeEngine([definition]);
  const [receipt] = await enqueue(engine, [{ definition, input: null }]);
  await engine.deliver();
  state.mended = true;
  ran.splice(0);
  return { engine, ran, id: receipt!.taskId };
}

describe('a retry by hand', () => {
  it('from a step runs it and those after it again', async () => {
    const { engine, ran, id } = await pipeline();
    await retryTask(engine, id, { fromStep: { name: 'clean', occurrence: 1 } });
    await engine.drain();
    expect([ran, (await findTask(engine, id)).state]).toEqual([['clean', 'load'], 'SUCCESS']);
  });

  it('from a step that is not recorded is refused', async () => {
    const { engine, id } = await pipeline();
    for (const fromStep of [
      { name: 'load', occurrence: 1 },
      { name: 'clean', occurrence: 2 },
    ])
      await expect(retryTask(engine, id, { fromStep })).rejects.toMatchObject({ code: 'step_not_found' });
  });

  it('lets a wait that timed out wait again', async () => {
    const { engine, id } = await runSteps(({ step }) => step.waitForEvent('e', { type: 'never', timeout: '1 hour' }));
    await engine.drain();
    await retryTask(engine, id);
    await engine.deliver();
    expect((await rowOf(id)).state).toBe('RETRY');
  });
});

describe('a fork', () => {
  it('begins with the steps before one, and is independent of its origin', async () => {
    const { engine, ran, id } = await pipeline();
    const { taskId } = await forkTask(engine, id, { name: 'clean', occurrence: 1 });
    await deleteTasks(engine, [id]);
    await engine.drain();
    expect([ran, (await findTask(engine, taskId)).state]).toEqual([['clean', 'load'], 'SUCCESS']);
    const [extract] = await listSteps(engine, taskId);
    expect(extract).toMatchObject({ name: 'extract', attempt: 0, result: { key: expect.stringContaining(taskId) } });
    expect((await rowOf(taskId)).forked_from).toBe(id);
  });

  it('does not undo what its origin did', async () => {
    const undone: string[] = [];
    const { engine, id } = await runSteps(async ({ step }) => {
      await step.do('reserve', () => 1, { undo: () => undone.push('reserve') });
      await step.do('charge', () => 1, { undo: () => undone.push('charge') });
      throw new PermanentFailure('no');
    });
    await engine.drain();
    undone.splice(0);
    const { taskId } = await forkTask(engine, id, { name: 'charge', occurrence: 1 });
    await engine.drain();
    expect([undone, (await findTask(engine, taskId)).state]).toEqual([['charge'], 'FAILURE']);
  });
});

describe('payloads of steps', () => {
  it('are known to the clean-up, and go with their task', async () => {
    const { engine, id } = await pipeline();
    const [{ result_key: key = '' } = {}] = await stepRowsOf(id);
    expect(await findNamedPayloads(engine, [String(key), `payloads/${id}/orphan.json`])).toEqual(new Set([key]));
    expect((await deleteTasks(engine, [id])).payloadKeys).toEqual([key]);
    expect(await env.DB.prepare('SELECT count(*) AS n FROM task_steps WHERE task_id = ?').bind(id).first('n')).toBe(0);
  });
});
