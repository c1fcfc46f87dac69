import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../../src/files/index.ts';
import { aPhoto } from '../../support/photos.ts';
import { anAdminKey, anApp, call, finish, problemOf, reply } from '../../support/worker.ts';

interface Collected {
  done: { file: string; outputs: { name: string; key: string; width: number }[] }[];
  failed: { file: string; error: { code: string; message: string } }[];
}

const key = await anAdminKey();
const files = createFiles(env.FILES);
const photo = await aPhoto();
const half = photo.subarray(0, photo.length / 2);

/** The end of a batch: what its last task collected. */
async function collected(taskId: string): Promise<Collected> {
  const task = await finish(key, taskId);
  expect(task).toMatchObject({ name: 'image.collect', status: 'SUCCESS' });
  return task.result as Collected;
}

describe('POST /batch/images', () => {
  const keep = async (bytes: Uint8Array) =>
    (await files.upload(bytes, { filename: 'a.jpg', contentType: 'image/jpeg' })).key;

  it('works on files that are there; what cannot be read fails alone', async () => {
    const keys = [await keep(photo), await keep(half), 'uploads/none', await keep(photo)];

    const accepted = await reply<{ workflow_id: string; task_id: string; count: number }>(
      202,
      call('POST /batch/images', { key, json: { files: keys, variants: [{ name: 's', width: 30 }] } }),
    );
    const { done, failed } = await collected(accepted.task_id);

    expect(accepted.count).toBe(4);
    expect(done.map(({ file, outputs }) => [file, outputs[0]?.name, outputs[0]?.width])).toEqual([
      [keys[0], 's', 30],
      [keys[3], 's', 30],
    ]);
    expect(failed.map(({ file, error }) => [file, error.code])).toEqual([
      [keys[1], 'broken_image'],
      [keys[2], 'file_not_found'],
    ]);
  });

  it('takes 10,000 files in one call', async () => {
    const { call: request } = await anApp();
    const keys = Array.from({ length: 10_000 }, (_, n) => `uploads/${n}`);

    const accepted = await reply<{ count: number; workflow_id: string }>(
      202,
      request('POST /batch/images', { json: { files: keys } }),
    );
    const workflow = await reply<{ progress: { total: number } }>(
      200,
      request(`GET /workflows/${accepted.workflow_id}?limit=0`),
    );

    expect(accepted.count).toBe(10_000);
    expect(workflow.progress.total).toBe(10_001);
  }, 30_000);

  it.each([
    [{}, 'files'],
    [{ files: [] }, 'files'],
    [{ files: ['outputs/a'] }, 'files.0'],
    [{ files: ['payloads/a'] }, 'files.0'],
    [{ files: Array.from({ length: 10_001 }, () => 'uploads/a') }, 'files'],
    [
      {
        files: Array.from({ length: 10_000 }, () => 'uploads/a'),
        variants: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
      },
      'files',
    ],
    [{ files: ['uploads/a'], variants: [] }, 'variants'],
    [{ files: ['uploads/a'], widht: 5 }, ''],
  ])('refuses %.80j', async (json, path) => {
    const problem = await problemOf(call('POST /batch/images', { key, json }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map((error) => error.path)).toContain(path);
  });
});
