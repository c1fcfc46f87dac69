// POST /events.
import { describe, expect, it } from 'vitest';
import { untilWaiting } from '../../support/until.ts';
import { aKey, anAdminKey, call, problemOf, reply } from '../../support/worker.ts';

const key = await anAdminKey();

describe('POST /events', () => {
  it('wakes the task that waits, and says how many waits it ended', async () => {
    const json = { name: 'demo.wait', input: { type: 'order.paid', key: 'o-1' } };
    const { task_id: id } = await reply<{ task_id: string }>(202, call('POST /tasks', { key, json }));
    await untilWaiting(key, id);
    const waiting = await reply<object>(200, call(`GET /tasks/${id}`, { key }));
    expect(waiting).toMatchObject({ waiting: { reason: 'event', of: 'order.paid o-1' } });

    const event = { type: 'order.paid', key: 'o-1', payload: { total: 12 }, id: 'evt-1' };
    const sent = await reply<object>(202, call('POST /events', { key, json: event }));
    expect(sent).toMatchObject({ id: 'evt-1', duplicate: false, woken: 1, task_ids: [] });
    expect(await reply<object>(202, call('POST /events', { key, json: event }))).toMatchObject({
      duplicate: true,
      woken: 0,
    });
    const task = await reply<object>(200, call(`GET /tasks/${id}?wait=20`, { key }));
    expect(task).toMatchObject({ status: 'SUCCESS', result: { payload: { total: 12 } } });
    const { items } = await reply<{ items: object[] }>(200, call(`GET /tasks/${id}/steps`, { key }));
    expect(items).toMatchObject([{ kind: 'event', outcome: 'done', event_id: 'evt-1', result: { total: 12 } }]);
  });

  it('refuses another event with the same id, and says which field is wrong', async () => {
    await call('POST /events', { key, json: { type: 'a.b', id: 'evt-2' } });
    const other = await call('POST /events', { key, json: { type: 'a.c', id: 'evt-2' } });
    expect([other.status, (await problemOf(other)).code]).toEqual([409, 'event_conflict']);
    const bad = await call('POST /events', { key, json: { type: 'No Type', key: '' } });
    expect([bad.status, (await problemOf(bad)).errors?.map(({ path }) => path)]).toEqual([422, ['type', 'key']]);
    expect((await call('POST /events', { key, json: { type: 'a.b', payloads: 1 } })).status).toBe(422);
  });

  it('needs tasks:write', async () => {
    const reader = await aKey({ scopes: ['tasks:read'] });
    expect((await call('POST /events', { key: reader.key, json: { type: 'a.b' } })).status).toBe(403);
  });
});
