import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/index.ts';
import { aPhoto } from '../support/photos.ts';
import { anAdminKey, call, run } from '../support/worker.ts';

interface Written {
  key: `outputs/${string}`;
  pages: number;
  bytes: number;
  content_type: string;
  missing_characters: number;
}

const key = await anAdminKey();
const files = createFiles(env.FILES);
const write = (model: object) => run(key, 'document.pdf', model);
const resultOf = (task: { result: unknown }) => task.result as Written;

describe('document.pdf', () => {
  it('writes a PDF among the files, and says how it is', async () => {
    const task = await write({ title: 'A “fine” report', blocks: [{ type: 'paragraph', text: 'Hello 漢' }] });
    const written = resultOf(task);
    const served = await call(`GET /files/${written.key}`, { key });
    const bytes = new Uint8Array(await served.arrayBuffer());

    expect(task).toMatchObject({ status: 'SUCCESS', queue: 'files', attempts: 1 });
    expect(written).toMatchObject({ pages: 1, bytes: bytes.length, missing_characters: 1 });
    expect(written.key).toMatch(/^outputs\/documents\/[0-9a-f]{64}\.pdf$/);
    expect(served.headers.get('content-type')).toBe('application/pdf');
    expect(served.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''A-fine-report.pdf");
    expect(String.fromCharCode(...bytes.subarray(0, 5))).toBe('%PDF-');
  });

  it('writes an equal document to an equal key, byte for byte', async () => {
    const model = { blocks: [{ type: 'title', text: 'Twice' }] };
    const one = resultOf(await write(model));
    const first = await files.read(one.key);
    const two = resultOf(await write(model));

    expect(two.key).toBe(one.key);
    expect((await files.read(two.key))?.bytes).toEqual(first?.bytes);
    expect(resultOf(await write({ blocks: [{ type: 'title', text: 'Other' }] })).key).not.toBe(one.key);
  });

  it('shows an uploaded picture', async () => {
    const photo = await aPhoto({ width: 400, height: 300 });
    const { key: image } = await files.upload(photo, { filename: 'a.jpg', contentType: 'image/jpeg' });
    const written = resultOf(await write({ blocks: [{ type: 'image', image }] }));

    expect(written.bytes).toBeGreaterThan(photo.length);
  });

  it('fails once, and says why, for a picture that is not there or is none', async () => {
    const { key: text } = await files.upload(new Uint8Array([1, 2, 3]), {
      filename: 'a.jpg',
      contentType: 'image/jpeg',
    });
    const missing = await write({ blocks: [{ type: 'image', image: 'uploads/none' }] });
    const wrong = await write({ blocks: [{ type: 'image', image: text }] });

    expect(missing).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'image_not_found' } });
    expect(wrong).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'broken_image' } });
    expect(wrong.error?.message).toContain(text);
  });
});
