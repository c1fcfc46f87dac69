import { describe, expect, it } from 'vitest';
import { anAdminKey, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

interface Accepted {
  status: string;
  task_id: string;
}

const key = await anAdminKey();
const create = (model: unknown) => call('POST /documents', { key, json: model });

describe('POST /documents', () => {
  it('enqueues the PDF and says where its task is', async () => {
    const response = await create({ blocks: [{ type: 'title', text: 'Hello' }] });
    const { task_id, status } = await reply<Accepted>(202, response);

    expect(status).toBe('processing');
    expect(response.headers.get('location')).toBe(`/tasks/${task_id}`);
    expect(await finish(key, task_id)).toMatchObject({
      ...{ name: 'document.pdf', status: 'SUCCESS', result: { pages: 1, content_type: 'application/pdf' } },
    });
  });

  it('refuses a bad model with the path of each fault, and enqueues nothing', async () => {
    const before = await countRows('tasks');
    const blocks = [
      { type: 'heading', level: 9, text: 'x' },
      { type: 'table', columns: [{ align: 'middle' }], rows: [] },
      { type: 'video' },
    ];
    const problem = await problemOf(create({ colour: 'red', blocks }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map(({ path }) => path).sort()).toEqual([
      ...['', 'blocks.0.level', 'blocks.1.columns.0.align', 'blocks.2.type'],
    ]);
    expect(await problemOf(create({ blocks: [{ type: 'table', columns: [{}], rows: [[1, 2]] }] }))).toMatchObject({
      ...{ status: 422, errors: [{ path: 'blocks.0.rows.0', message: 'has 2 cells for 1 columns' }] },
    });
    expect(await countRows('tasks')).toBe(before);
  });

  it('refuses what is no JSON', async () => {
    const headers = { 'content-type': 'application/json' };

    expect((await problemOf(call('POST /documents', { key, body: '{', headers }))).status).toBe(400);
    expect((await problemOf(call('POST /documents', { key, body: 'x' }))).status).toBe(415);
  });
});
