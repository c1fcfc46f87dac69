import { describe, expect, it } from 'vitest';
import { createRegistry, enqueue, revokeTask, sweep } from '../../../src/engine/manage.ts';
import { renewLease } from '../../../src/engine/store/renew-lease.ts';
import type { TaskJson } from '../../../src/http/task-json.ts';
import { claimAndDie } from '../../support/dying.ts';
import { scripted } from '../../support/scripted.ts';
import { stepped } from '../../support/stepped.ts';
import { anAdminKey, anApp, awayDb, call, problemOf, reply, run } from '../../support/worker.ts';

interface Received {
  id?: string;
  event?: string;
  data?: string;
  retry?: string;
  comment?: string;
}

/** Reads server-sent events, one at a time. */
function eventsOf(response: Response) {
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  const next = async (): Promise<Received | undefined> => {
    while (!buffer.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      buffer += value;
    }
    const end = buffer.indexOf('\n\n');
    const lines = buffer.slice(0, end).split('\n');
    buffer = buffer.slice(end + 2);
    return Object.fromEntries(
      lines.map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon) || 'comment', line.slice(colon + 1).trim()];
      }),
    );
  };
  return {
    next,
    /** The next `state`, read. */
    async state(): Promise<TaskJson & { id: string }> {
      const received = await next();
      expect(received, JSON.stringify(received)).toMatchObject({ event: 'state' });
      return { ...(JSON.parse(received!.data!) as TaskJson), id: received!.id! };
    },
    /** All that comes until the stream ends. */
    async rest(): Promise<Received[]> {
      const all: Received[] = [];
      for (let one = await next(); one; one = await next()) all.push(one);
      return all;
    },
    cancel: () => reader.cancel(),
  };
}

/** An app whose one task is `scripted`, a task of it, and streams of its events. */
async function aTaskToFollow(input: object = {}) {
  const app = await anApp({}, { registry: createRegistry([scripted]) });
  const [receipt] = await enqueue(app.engine, [{ definition: scripted, input }]);
  const { taskId } = receipt!;
  const follow = (last?: string) =>
    app.call(`GET /tasks/${taskId}/events`, last === undefined ? {} : { headers: { 'last-event-id': last } });
  return { ...app, taskId, follow };
}

describe('GET /tasks/{id}/events', () => {
  it('tells the state, each change of it, and the end', async () => {
    const { engine, follow, taskId } = await aTaskToFollow({ do: ['throw', 'succeed'] });
    const events = eventsOf(await follow());

    expect(await events.next()).toEqual({ retry: '2000' });
    expect(await events.state()).toMatchObject({ task_id: taskId, status: 'PENDING', attempts: 0 });
    await engine.deliver();
    expect(await events.state()).toMatchObject({ status: 'RETRY', attempts: 1, error: { type: 'TypeError' } });
    engine.advance(6);
    await engine.deliver();
    const final = await events.state();
    expect(final).toMatchObject({ status: 'SUCCESS', attempts: 2 });
    expect(final).not.toHaveProperty('result');
    expect(await events.rest()).toEqual([{ event: 'end', data: 'SUCCESS', id: `end-${final.id}` }]);
  });

  it('sends progress', async () => {
    const { engine, follow, taskId } = await aTaskToFollow();
    const { leaseId, tasks } = await claimAndDie(engine, [taskId]);
    const events = eventsOf(await follow());
    await events.next();
    expect(await events.state()).toMatchObject({ status: 'STARTED', progress: null });

    const progress = { percent: 50, message: 'half', current: 1, total: 2 };
    await renewLease(engine, { leaseId, running: [{ ...tasks[0]!, progress }] });

    expect(await events.state()).toMatchObject({ status: 'STARTED', progress });
    await events.cancel();
  });

  it('sends the steps that were recorded, before the state that follows, and resumes between them', async () => {
    const definition = stepped(async ({ step }) => {
      await step.do('one', () => 1);
      await step.do('two', () => 'x'.repeat(5000));
      await step.sleep('rest', '1 minute');
      await step.do('three', () => 3);
    });
    const app = await anApp({}, { registry: createRegistry([definition]) });
    const [receipt] = await enqueue(app.engine, [{ definition, input: null }]);
    const follow = (headers: Record<string, string> = {}) =>
      app.call(`GET /tasks/${receipt!.taskId}/events`, { headers });
    const events = eventsOf(await follow());
    await events.next();
    await events.state();
    await app.engine.deliver();
    const [one, two, rest, state] = [
      await events.next(),
      await events.next(),
      await events.next(),
      await events.next(),
    ];

    expect([one, two, rest].map((event) => [event!.event, event!.id])).toEqual(Array(3).fill(['step', undefined]));
    expect(JSON.parse(one!.data!)).toEqual({
      ...{ name: 'one', occurrence: 1, kind: 'do', outcome: 'done', until: null, undo: null },
      ...{ started_at: expect.any(String), ended_at: expect.any(String) },
    });
    expect(JSON.parse(rest!.data!)).toMatchObject({ name: 'rest', kind: 'sleep', outcome: 'open', ended_at: null });
    expect(state).toMatchObject({ event: 'state', id: expect.stringMatching(/^[0-9a-f]{24}\.[0-9a-f]{24}$/) });
    await events.cancel();

    const again = eventsOf(await follow({ 'last-event-id': state!.id! }));
    await again.next();
    app.engine.advance(61);
    await sweep(app.engine);
    await app.engine.deliver();
    const seen = (await again.rest()).map(({ event, data }) => [event, event === 'step' && JSON.parse(data!).name]);
    expect(seen).toEqual([
      ['step', 'rest'],
      ['step', 'three'],
      ['state', false],
      ['end', false],
    ]);
    // A client that comes late gets the state, each step, and the end; one that saw the end gets nothing.
    const late = await eventsOf(await follow()).rest();
    expect(late.map(({ event }) => event)).toEqual([undefined, 'state', 'step', 'step', 'step', 'step', 'end']);
    expect((await follow({ 'last-event-id': late.at(-1)!.id! })).status).toBe(204);
  });

  it('resumes by Last-Event-ID without repeating what was seen', async () => {
    const { engine, follow } = await aTaskToFollow();
    const first = eventsOf(await follow());
    await first.next();
    const { id } = await first.state();
    await first.cancel();

    const again = eventsOf(await follow(id));
    expect(await again.next()).toEqual({ retry: '2000' });
    const next = again.state();
    await engine.deliver();

    expect(await next).toMatchObject({ status: 'SUCCESS' });
  });

  it('tells who lost the connection right before it of the end, and who saw it not to come back', async () => {
    const { engine, follow } = await aTaskToFollow();
    await engine.deliver();
    const first = eventsOf(await follow());
    await first.next();
    const { id } = await first.state();
    const [end] = await first.rest();

    expect(await eventsOf(await follow(id)).rest()).toEqual([{ retry: '2000' }, end]);
    expect((await follow(end!.id)).status).toBe(204);
  });

  it('starts from the beginning after an unknown id', async () => {
    const { engine, follow } = await aTaskToFollow();
    await engine.deliver();

    const all = await eventsOf(await follow('x'.repeat(5000))).rest();

    expect(all.map(({ event }) => event)).toEqual([undefined, 'state', 'end']);
  });

  it('tells the end of a task that runs again after a retry by hand', async () => {
    const { engine, follow, call: request, taskId } = await aTaskToFollow({ do: ['fail', 'succeed'] });
    await engine.deliver();
    const end = (await eventsOf(await follow()).rest()).at(-1);
    engine.advance(1);
    await reply(200, request(`POST /tasks/${taskId}/retry`));
    await engine.deliver();

    const all = await eventsOf(await follow(end!.id)).rest();

    expect(all.at(-1)).toMatchObject({ event: 'end', data: 'SUCCESS' });
  });

  it('sends a comment every fifteen seconds, so that no proxy closes the connection', async () => {
    const { engine, follow } = await aTaskToFollow();
    const events = eventsOf(await follow());
    await events.next();
    await events.state();

    engine.advance(15);

    expect(await events.next()).toEqual({ comment: 'nothing new' });
    await events.cancel();
  });

  it('ends after ten minutes without an end, so that the client reconnects', async () => {
    const { engine, follow } = await aTaskToFollow();
    const events = eventsOf(await follow());
    await events.next();
    await events.state();

    engine.advance(601);

    expect((await events.rest()).filter(({ event }) => event)).toEqual([]);
  });

  it('reads nothing more when the client has gone', async () => {
    const { engine, follow } = await aTaskToFollow();
    const events = eventsOf(await follow());
    await events.next();
    await events.state();
    await events.cancel();
    engine.batches.splice(0);

    await scheduler.wait(1500);

    expect(engine.batches.length).toBeLessThanOrEqual(1);
  });

  it('ends early when D1 goes away, so that the client reconnects', async () => {
    const { engine, follow } = await aTaskToFollow();
    const events = eventsOf(await follow());
    await events.next();
    await events.state();

    engine.db = awayDb('D1_ERROR: storage is busy');

    expect(await events.rest()).toEqual([]);
    expect(engine.complaints.map(({ message }) => message)).toContain('a stream of events ended early');
  });

  it('sends a revocation', async () => {
    const { engine, follow, taskId } = await aTaskToFollow();
    const events = eventsOf(await follow());
    await events.next();
    await events.state();

    await revokeTask(engine, taskId);

    expect(await events.state()).toMatchObject({ status: 'REVOKED' });
    expect(await events.rest()).toMatchObject([{ event: 'end' }]);
  });

  it('knows no task that is none', async () => {
    const key = await anAdminKey();

    for (const id of [crypto.randomUUID(), 'x', '%00'])
      expect((await problemOf(call(`GET /tasks/${id}/events`, { key }))).code).toBe('task_not_found');
  });

  it('is served by the Worker', async () => {
    const key = await anAdminKey();
    // Final before it is followed: the test pool switches off what lets one request wake another.
    const { task_id } = await run(key, 'demo.add', { a: 1, b: 2 });

    const events = eventsOf(await call(`GET /tasks/${task_id}/events`, { key }));

    expect(await events.next()).toEqual({ retry: '2000' });
    expect(await events.state()).toMatchObject({ task_id, name: 'demo.add', status: 'SUCCESS' });
    expect(await events.rest()).toMatchObject([{ event: 'end', data: 'SUCCESS' }]);
  });
});
