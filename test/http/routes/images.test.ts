import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../../src/files/index.ts';
import { aPhoto } from '../../support/photos.ts';
import { anAdminKey, anApp, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

interface Collected {
  done: { file: string; outputs: { name: string; key: string; width: number }[] }[];
  failed: { file: string; error: { code: string; message: string } }[];
}

interface Several {
  workflow_id: string;
  task_id: string;
  files: { filename: string; task_id: string; file: string }[];
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

function uploadSeveral(sent: [name: string, content: Uint8Array | string][], fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, content] of sent) form.append('file', new File([content], name, { type: 'image/jpeg' }));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return call('POST /upload/images', { key, body: form });
}

describe('POST /upload/images', () => {
  it('makes each picture a task of a workflow; what is no picture fails alone', async () => {
    const accepted = await reply<Several>(
      202,
      uploadSeveral([
        ['one.jpg', photo],
        ['not a picture.jpg', '<script>alert(1)</script>'],
        ['empty.png', ''],
        ['half.jpg', half],
        ['two.jpg', photo],
      ]),
    );
    const { done, failed } = await collected(accepted.task_id);
    const workflow = await reply<{ status: string; progress: object; result: unknown }>(
      200,
      call(`GET /workflows/${accepted.workflow_id}`, { key }),
    );

    const [one, text, empty, broken, two] = accepted.files;
    expect(accepted.files.map(({ filename }) => filename)).toEqual([
      'one.jpg',
      'not a picture.jpg',
      'empty.png',
      'half.jpg',
      'two.jpg',
    ]);
    expect(done.map(({ file }) => file)).toEqual([one!.file, two!.file]);
    expect(failed.map(({ file, error }) => [file, error.code])).toEqual([
      [text!.file, 'not_an_image'],
      [empty!.file, 'not_an_image'],
      [broken!.file, 'broken_image'],
    ]);
    expect((await finish(key, text!.task_id)).error?.message).toContain('not a JPEG');
    expect((await finish(key, one!.task_id)).status).toBe('SUCCESS');
    expect(workflow).toMatchObject({ status: 'SUCCESS', progress: { done: 6, total: 6 }, result: { done, failed } });
    const served = await call(`GET /files/${text!.file}`, { key });
    expect(served.headers.get('content-type')).toBe('text/plain');
  });

  it('takes one picture, and variants as JSON', async () => {
    const variants = JSON.stringify([
      { name: 'a', width: 20 },
      { name: 'b', width: 10, format: 'png' },
    ]);
    const { task_id } = await reply<Several>(202, uploadSeveral([['one.jpg', photo]], { variants }));

    const { done } = await collected(task_id);

    expect(done[0]?.outputs.map(({ name, width }) => [name, width])).toEqual([
      ['a', 20],
      ['b', 10],
    ]);
  });

  it.each([
    ['no file', () => uploadSeveral([]), 'file'],
    ['101 files', () => uploadSeveral(Array.from({ length: 101 }, (_, n) => [`${n}.jpg`, 'x'])), 'file'],
    ['variants that are no JSON', () => uploadSeveral([['a.jpg', photo]], { variants: '[{' }), 'variants'],
    ['variants that are none', () => uploadSeveral([['a.jpg', photo]], { variants: '{}' }), 'variants'],
    ['a width of 0', () => uploadSeveral([['a.jpg', photo]], { width: '0' }), 'width'],
  ])('refuses %s and keeps nothing', async (_name, send, path) => {
    const before = await countRows('tasks');

    const problem = await problemOf(send());

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.[0]?.path).toBe(path);
    expect(await countRows('tasks')).toBe(before);
  });

  it('refuses a text field in the place of a file', async () => {
    const form = new FormData();
    form.append('file', 'text');

    expect((await problemOf(call('POST /upload/images', { key, body: form }))).errors?.[0]?.message).toBe(
      'must be a file',
    );
  });

  it('refuses a form that is too large for memory, naming the limit', async () => {
    const problem = await problemOf(uploadSeveral([['large.jpg', new Uint8Array(30_000_001)]]));

    expect(problem).toMatchObject({ status: 413, code: 'body_too_large', detail: 'at most 30000000 bytes' });
  });
});

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
