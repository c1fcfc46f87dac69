import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles } from '../../src/files/index.ts';
import { aGifOf, aPngOf, zeros } from '../images/bombs.ts';
import { withExif } from '../support/exif.ts';
import { aPhoto, aPng, aPngHeader } from '../support/photos.ts';
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
  it('writes a PDF file, and reports its pages, bytes and missing characters', async () => {
    const task = await write({ title: 'A “fine” report', blocks: [{ type: 'paragraph', text: 'Hello 漢' }] });
    const written = resultOf(task);
    const served = await call(`GET /files/${written.key}`, { key });
    const bytes = new Uint8Array(await served.arrayBuffer());

    expect(task).toMatchObject({ status: 'SUCCESS', queue: 'files', attempts: 1 });
    expect(written).toMatchObject({ pages: 1, bytes: bytes.length, missing_characters: 1, pictures_without_alt: 0 });
    expect(written).toHaveProperty('undrawn', [expect.objectContaining({ count: 1, reason: 'font' })]);
    expect(written.key).toMatch(/^outputs\/documents\/[0-9a-f]{64}\.pdf$/);
    expect(served.headers.get('content-type')).toBe('application/pdf');
    expect(served.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''A-fine-report.pdf");
    expect(String.fromCharCode(...bytes.subarray(0, 5))).toBe('%PDF-');
  });

  it('writes an equal document to an equal file key, byte for byte', async () => {
    const model = { blocks: [{ type: 'title', text: 'Twice' }] };
    const one = resultOf(await write(model));
    const first = await files.read(one.key);
    const two = resultOf(await write(model));

    expect(two.key).toBe(one.key);
    expect((await files.read(two.key))?.bytes).toEqual(first?.bytes);
    expect(resultOf(await write({ blocks: [{ type: 'title', text: 'Other' }] })).key).not.toBe(one.key);
  });

  it('embeds an uploaded picture', async () => {
    const photo = await aPhoto({ width: 400, height: 300 });
    const { key: image } = await files.upload(photo, { filename: 'a.jpg', contentType: 'image/jpeg' });
    const written = resultOf(await write({ blocks: [{ type: 'image', image }] }));

    expect(written.bytes).toBeGreaterThan(photo.length);
  });

  it('removes from a photo its place and its camera', async () => {
    const photo = withExif(await aPhoto(), { make: 'Ricoh', orientation: 6, gps: { latitude: -33, longitude: 18 } });
    const { key: image } = await files.upload(photo, { filename: 'a.jpg', contentType: 'image/jpeg' });
    const written = resultOf(await write({ blocks: [{ type: 'image', image }] }));
    const text = new TextDecoder('latin1').decode((await files.read(written.key))?.bytes);

    expect(text).toContain('/DCTDecode');
    expect(text).not.toMatch(/Exif|Ricoh/);
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array]>([
    ['a JPEG that is cut off', async () => (await aPhoto()).slice(0, 2000)],
    ['a PNG with fewer pixels than its header says', async () => aPngOf(2000, 2000, [['IDAT', await zeros(1000)]])],
    ['a PNG with more pixels than its header says', async () => aPngOf(1, 1, [['IDAT', await zeros(60_000_000)]])],
    ['a PNG that is overwritten', () => aPng(300, 300, [1, 2, 3, 255]).fill(0xaa, 60, 110)],
    ['a GIF that is cut off', () => aGifOf(10, 10).subarray(0, 30)],
    ['a file that is not a picture', () => new Uint8Array([1, 2, 3])],
  ])('fails once, naming the file key, for %s', async (_name, make) => {
    const { key: image } = await files.upload(await make(), { filename: 'a', contentType: 'image/png' });
    const task = await write({ blocks: [{ type: 'image', image }] });

    expect(task).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'broken_image' } });
    expect(task.error?.message).toContain(image);
  });

  it('fails once for a picture that does not exist, or is too large', async () => {
    const { key: image } = await files.upload(aPngHeader(9000, 9000), { filename: 'a', contentType: 'image/png' });
    const missing = await write({ blocks: [{ type: 'image', image: 'uploads/none' }] });
    const large = await write({ blocks: [{ type: 'image', image }] });

    expect(missing).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'image_not_found' } });
    expect(large).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'document_too_large' } });
    expect(large.error?.message).toMatch(/uploads.*9000×9000/);
  });
});
