// Approvals over HTTP: the list, the API, and the page behind a link.
import { describe, expect, it } from 'vitest';
import { signApproval } from '../../../src/engine/manage.ts';
import { untilWaiting } from '../../support/until.ts';
import { anAdminKey, call, problemOf, reply } from '../../support/worker.ts';

const key = await anAdminKey();
const SECRET = 'a secret that only the tests know';
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

interface Approvals {
  items: { task_id: string; title: string; step: { name: string } }[];
  next_cursor: string | null;
}

/** A task that waits for a person, and the path of its link. */
async function ask(title = 'Ship <b>order 12</b>?') {
  const json = { name: 'demo.approval', input: { title } };
  const { task_id: id } = await reply<{ task_id: string }>(202, call('POST /tasks', { key, json }));
  await untilWaiting(key, id);
  return { id, path: `/approve/${await signApproval(SECRET, { taskId: id, name: 'approval', occurrence: 1 })}` };
}

const resultOf = (id: string) =>
  reply<{ status: string; result: unknown }>(200, call(`GET /tasks/${id}?wait=20`, { key }));

describe('the page of an approval', () => {
  it('changes nothing when it is opened, escapes what it shows, and decides once', async () => {
    const { id, path } = await ask();
    for (let time = 0; time < 3; time++) {
      const page = await call(`GET ${path}`);
      const text = await page.text();
      expect(page.status, text).toBe(200);
      expect(text).toContain('Ship &lt;b&gt;order 12&lt;/b&gt;?');
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    expect((await reply<{ status: string }>(200, call(`GET /tasks/${id}`, { key }))).status).toBe('RETRY');

    const decided = await call(`POST ${path}`, { headers: FORM, body: 'decision=reject&note=too+late' });
    expect([decided.status, await decided.text()]).toEqual([200, expect.stringContaining('was rejected')]);
    expect(await resultOf(id)).toMatchObject({
      status: 'SUCCESS',
      result: { approved: false, by: 'link', note: 'too late' },
    });
    const again = await call(`POST ${path}`, { headers: FORM, body: 'decision=approve' });
    expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('was rejected')]);
  });

  it('needs a genuine token', async () => {
    const { path } = await ask();
    const forged = [
      `${path.slice(0, -1)}${path.endsWith('A') ? 'B' : 'A'}`,
      '/approve/x',
      `/approve/${'y'.repeat(30)}.${'z'.repeat(43)}`,
    ];
    for (const link of forged) {
      for (const method of ['GET', 'POST']) {
        const response = await call(
          `${method} ${link}`,
          method === 'POST' ? { headers: FORM, body: 'decision=approve' } : {},
        );
        expect([response.status, (await problemOf(response)).code]).toEqual([404, 'approval_not_found']);
      }
    }
  });

  it.each(['', 'decision=maybe', `decision=approve&note=${'x'.repeat(3000)}`])(
    'refuses the form "%.30s"',
    async (body) => {
      const { path } = await ask();
      expect((await call(`POST ${path}`, { headers: FORM, body })).status).toBe(422);
    },
  );
});

describe('approvals over the API', () => {
  it('are listed while they are open, and decided with the name of the API key', async () => {
    const { id } = await ask('Refund?');
    const { items } = await reply<Approvals>(200, call('GET /approvals?limit=200', { key }));
    expect(items.find(({ task_id }) => task_id === id)).toMatchObject({ title: 'Refund?', step: { name: 'approval' } });

    const json = { step: 'approval', approved: true, note: 'ok' };
    const step = await reply<object>(200, call(`POST /tasks/${id}/approvals`, { key, json }));
    const result = { approved: true, by: 'test', note: 'ok', at: expect.stringMatching(/^20.*Z$/) };
    expect(step).toMatchObject({ kind: 'approval', outcome: 'done', result });
    expect(await resultOf(id)).toMatchObject({ status: 'SUCCESS', result: { approved: true, note: 'ok' } });
    expect((await problemOf(await call(`POST /tasks/${id}/approvals`, { key, json }))).code).toBe('approval_decided');
    const unknown = await call(`POST /tasks/${id}/approvals`, { key, json: { ...json, step: 'other' } });
    expect((await problemOf(unknown)).code).toBe('approval_not_found');
  });

  it('have pages', async () => {
    await ask('one');
    await ask('two');
    const first = await reply<Approvals>(200, call('GET /approvals?limit=1', { key }));
    const second = await reply<Approvals>(200, call(`GET /approvals?limit=1&cursor=${first.next_cursor}`, { key }));
    expect(second.items[0]?.task_id).not.toBe(first.items[0]?.task_id);
    expect((await call('GET /approvals?cursor=nonsense', { key })).status).toBe(422);
  });
});
