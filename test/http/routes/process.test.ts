import { describe, expect, it } from 'vitest';
import { anAdminKey, call, finish, problemOf, reply } from '../../support/worker.ts';

const key = await anAdminKey();

describe('POST /process', () => {
  it('validates, processes and saves, and says where', async () => {
    const data = { name: '  Ada ', age: 36, nested: { b: [' x '], a: null } };
    const { task_id } = await reply<{ task_id: string }>(202, call('POST /process', { key, json: data }));
    const task = await finish(key, task_id);
    expect(task.result).toMatchObject({ summary: { fields: 5, texts: 2, numbers: 1 } });
    const { file } = task.result as { file: string };
    const saved = await call(`GET /files/${file}`, { key });
    expect(await saved.json()).toEqual({ name: 'Ada', age: 36, nested: { a: null, b: ['x'] } });
  });

  it('of nothing fails and says so; what is no object is refused', async () => {
    const { task_id } = await reply<{ task_id: string }>(202, call('POST /process', { key, json: {} }));
    const task = await finish(key, task_id);
    expect([task.status, task.error?.code]).toEqual(['FAILURE', 'dependency']);
    expect((await problemOf(call('POST /process', { key, json: [1] }))).status).toBe(422);
  });
});
