import { describe, expect, it } from 'vitest';
import { aPhoto } from '../../support/photos.ts';
import { anAdminKey, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

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
      'This field must be a file.',
    );
  });

  it('refuses a form that is too large for memory, naming the limit', async () => {
    const problem = await problemOf(uploadSeveral([['large.jpg', new Uint8Array(30_000_001)]]));

    expect(problem).toMatchObject({
      status: 413,
      code: 'body_too_large',
      detail: expect.stringContaining('30000000 bytes'),
    });
  });
});
