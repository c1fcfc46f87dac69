import { env } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';
import { aPhoto, aPng, aPngHeader, see } from '../../support/photos.ts';
import { anAdminKey, anApp, call, countRows, finish, problemOf, reply } from '../../support/worker.ts';

interface Upload {
  filename: string;
  status: string;
  task_id: string;
  file: string;
}

interface Output {
  key: string;
  width: number;
  height: number;
  bytes: number;
  content_type: string;
}

const key = await anAdminKey();
let photo: Uint8Array;
beforeAll(async () => {
  photo = await aPhoto({ width: 900, height: 600, orientation: 6 });
});

function upload(bytes: Uint8Array | string | undefined, fields: Record<string, string> = {}, filename = 'photo.jpg') {
  const form = new FormData();
  if (bytes !== undefined) form.append('file', new File([bytes], filename, { type: 'image/jpeg' }));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return call('POST /upload/image', { key, body: form });
}

const outputOf = (task: { result: unknown }) => (task.result as { outputs: Output[] }).outputs[0]!;

describe('POST /upload/image', () => {
  it('keeps the picture, makes its upright thumbnail of at most 500 pixels, and serves it to be shown', async () => {
    const accepted = await reply<Upload>(202, upload(photo));
    expect(accepted).toMatchObject({ filename: 'photo.jpg', status: 'processing' });
    expect(accepted.file).toMatch(/^uploads\//);

    const task = await finish(key, accepted.task_id);
    const output = outputOf(task);
    const served = await call(`GET /files/${output.key}`, { key });
    const bytes = new Uint8Array(await served.arrayBuffer());

    expect(task).toMatchObject({ name: 'image.thumbnail', queue: 'files', status: 'SUCCESS' });
    expect(task.result).toMatchObject({ source: { file: accepted.file, format: 'jpeg', orientation: 6 } });
    expect(output).toMatchObject({ width: 500, height: 333, bytes: bytes.byteLength, content_type: 'image/jpeg' });
    expect(served.headers.get('content-type')).toBe('image/jpeg');
    expect(served.headers.get('content-disposition')).toBe("inline; filename*=UTF-8''photo-500x333.jpg");
    expect(see(bytes)).toMatchObject({ width: 500, height: 333 });
  });

  it('gives back what was uploaded, as a download', async () => {
    const { file } = await reply<Upload>(202, upload(photo));

    const served = await call(`GET /files/${file}`, { key });

    expect(new Uint8Array(await served.arrayBuffer())).toEqual(photo);
    expect(served.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''photo.jpg");
  });

  it('takes size, fit, format and quality', async () => {
    const fields = { width: '60', height: '40', fit: 'cover', format: 'png', quality: '50' };
    const { task_id } = await reply<Upload>(202, upload(photo, fields));

    const output = outputOf(await finish(key, task_id));

    expect(output).toMatchObject({ width: 60, height: 40, content_type: 'image/png' });
    expect(output.key).toMatch(/^outputs\/images\/[0-9a-f]{64}\.png$/);
  });

  it('writes equal work to an equal key', async () => {
    const small = aPng(20, 10, [1, 2, 3, 255]);
    const uploads = await Promise.all([1, 2].map(() => reply<Upload>(202, upload(small))));

    const [one, two] = await Promise.all(uploads.map(async ({ task_id }) => outputOf(await finish(key, task_id)).key));

    expect(one).toBe(two);
    expect(uploads[0]?.file).not.toBe(uploads[1]?.file);
  });

  it.each([['<html><script>alert(1)</script></html>'], ['%PDF-1.7'], [''], ['\0\0\0\x1cftypheic']])(
    'refuses what is not a picture it reads, whatever its name and type say: %j',
    async (content) => {
      const before = await countRows('tasks');

      const problem = await problemOf(upload(content));

      expect(problem).toMatchObject({ status: 415, code: 'unsupported_media_type' });
      expect(problem.detail).toContain('photo.jpg');
      expect(await countRows('tasks')).toBe(before);
    },
  );

  it('says of a picture of another format what it is, and what helps', async () => {
    const { detail } = await problemOf(upload('\0\0\0\x1cftypheic'));

    expect(detail).toMatch(/"photo.jpg" cannot be used. The file is a HEIC picture.*Images binding.*Send a JPEG/);
  });

  it('refuses a form without a file', async () => {
    for (const response of [upload(undefined), upload(undefined, { file: 'text' })]) {
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
      expect(problem.errors).toEqual([{ path: 'file', message: 'This field must be a file.' }]);
    }
  });

  it.each([
    ['width', '0'],
    ['width', '-1'],
    ['width', '1.5'],
    ['width', '5000'],
    ['height', 'tall'],
    ['height', ''],
    ['fit', 'stretch'],
    ['format', 'gif'],
    ['format', 'avif'],
    ['quality', '0'],
    ['quality', '101'],
  ])('refuses %s = "%s"', async (name, value) => {
    const problem = await problemOf(upload(photo, { [name]: value }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.map(({ path }) => path)).toEqual([name]);
  });

  it('says of AVIF why it is not written, and what to choose', async () => {
    const { errors } = await problemOf(upload(photo, { format: 'avif' }));

    expect(errors).toEqual([{ path: 'format', message: expect.stringMatching(/AVIF cannot be written.*Choose webp/) }]);
  });

  it('refuses a body that is no form', async () => {
    expect((await problemOf(call('POST /upload/image', { key, json: { file: 'x' } }))).status).toBe(415);
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    expect((await problemOf(call('POST /upload/image', { key, body: 'no form', headers }))).status).toBe(400);
    const noBoundary = { 'content-type': 'multipart/form-data' };
    expect((await problemOf(call('POST /upload/image', { key, body: 'x', headers: noBoundary }))).status).toBe(400);
  });

  it('accepts a truncated picture, whose task then fails once and says why', async () => {
    const { task_id } = await reply<Upload>(202, upload(photo.subarray(0, Math.floor(photo.length / 2))));

    const task = await finish(key, task_id);

    expect(task).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'broken_image' } });
    expect(task.error?.message).toMatch(/damaged|ends before|truncated|missing/i);
  });

  it('fails a picture of 20,000 × 20,000 pixels by its header, naming the limit', async () => {
    const { task_id } = await reply<Upload>(202, upload(aPngHeader(20_000, 20_000), {}, 'huge.png'));

    const task = await finish(key, task_id);

    expect(task).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'image_too_large' } });
    expect(task.error?.message).toContain('400 megapixels');
    expect(task.error?.message).toContain('limit');
  });

  it('says of an empty file that it is empty', async () => {
    expect((await problemOf(upload(''))).detail).toContain('"photo.jpg" is empty');
  });

  it('refuses a field that it does not know, and names it', async () => {
    const problem = await problemOf(upload(photo, { widht: '10' }));

    expect(problem).toMatchObject({ status: 422, code: 'invalid_request' });
    expect(problem.errors?.[0]?.message).toContain('"widht"');
  });

  it.each(['a\u0001b.jpg', 'a\tb.jpg', 'a\u202egpj.exe', '../../x.jpg', 'a\\b.jpg', '写'.repeat(201)])(
    'refuses the name %j',
    async (filename) => {
      const problem = await problemOf(upload(photo, {}, filename));

      expect(problem).toMatchObject({ status: 422, code: 'invalid_request', errors: [{ path: 'file' }] });
      expect(problem.errors?.[0]?.message).toMatch(/^The name of the file must /);
    },
  );

  it('keeps nothing when the task is refused', async () => {
    const { call: request, engine } = await anApp();
    engine.settings.maxBacklog = 10;
    const metrics = await engine.queues.files.metrics();
    engine.queues.files.metrics = async () => ({ ...metrics, backlogCount: 11 });
    const before = (await env.FILES.list({ prefix: 'uploads/' })).objects.length;

    for (const path of ['/upload/image', '/upload/images', '/upload/document']) {
      const body = new FormData();
      body.append('file', new File([photo], 'photo.jpg'));

      expect(await problemOf(request(`POST ${path}`, { body })), path).toMatchObject({ code: 'backlog_full' });
    }
    expect((await env.FILES.list({ prefix: 'uploads/' })).objects.length).toBe(before);
  });

  it('keeps the file when D1 does not answer, because the task may exist', async () => {
    const { call: request, engine } = await anApp();
    const batch = () => Promise.reject(new Error('D1_ERROR: the answer was lost'));
    engine.db = new Proxy(engine.db, {
      get: (db, name) => (name === 'batch' ? batch : (Reflect.get(db, name) as () => unknown).bind(db)),
    });
    const before = (await env.FILES.list({ prefix: 'uploads/' })).objects.length;
    const body = new FormData();
    body.append('file', new File([photo], 'photo.jpg'));

    expect(await problemOf(request('POST /upload/image', { body }))).toMatchObject({ code: 'store_unavailable' });
    expect((await env.FILES.list({ prefix: 'uploads/' })).objects.length).toBe(before + 1);
  });

  it.each(['Übermut – 写真 (1)*.jpg', `${'写'.repeat(196)}.jpg`, 'a"b.jpg'])(
    'keeps the picture under a key of its own, whatever it is called: %.30s',
    async (filename) => {
      const { file, task_id } = await reply<Upload>(202, upload(photo, {}, filename));

      expect(file).toMatch(/^uploads\/[0-9a-f-]{36}$/);
      expect((await call(`GET /files/${file}`, { key })).status).toBe(200);
      expect((await finish(key, task_id)).status).toBe('SUCCESS');
    },
  );
});
