import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { createFiles, MAX_READ_BYTES } from '../../src/files/index.ts';
import { withExif } from '../support/exif.ts';
import { aPhoto, aPng, see } from '../support/photos.ts';
import { anAdminKey, call, problemOf, run } from '../support/worker.ts';

interface Output {
  name: string;
  key: string;
  width: number;
  height: number;
  bytes: number;
  content_type: string;
}

interface Thumbnails {
  source: { file: string; format: string; width: number; height: number; orientation: number };
  outputs: Output[];
  placeholder: string;
  dominant_colour: string | null;
  metadata: Record<string, unknown>;
  engine: string;
  peak_wasm_bytes: number;
}

const key = await anAdminKey();
const files = createFiles(env.FILES);
const photo = await aPhoto({ width: 900, height: 600, orientation: 6 });

async function keep(bytes: Uint8Array, filename = 'photo.jpg'): Promise<string> {
  return (await files.upload(bytes, { filename, contentType: 'image/jpeg' })).key;
}

async function thumbnail(file: string, options: object = {}) {
  const task = await run(key, 'image.thumbnail', { file, ...options });
  return { task, result: task.result as Thumbnails };
}

describe('image.thumbnail', () => {
  it('reports the source, a preview, and the outputs', async () => {
    const { result } = await thumbnail(await keep(photo));

    expect(result).toMatchObject({
      source: { format: 'jpeg', width: 600, height: 900, orientation: 6 },
      outputs: [{ name: 'thumbnail', width: 500, height: 333, content_type: 'image/jpeg' }],
      placeholder: expect.stringMatching(/^[A-Za-z0-9+/=]{20,48}$/),
      dominant_colour: expect.stringMatching(/^#[0-9a-f]{6}$/),
      metadata: { camera_make: null, camera_model: null, taken_at: null },
      engine: 'photon',
    });
  });

  it('makes several variants from one decode', async () => {
    const variants = [
      { name: 'large', width: 800, height: 800, format: 'webp' },
      { name: 'square', width: 100, height: 100, fit: 'cover', format: 'png' },
      { name: 'small', width: 60, height: 60, quality: 50 },
    ];
    const { result } = await thumbnail(await keep(photo), { variants });

    expect(result.outputs.map(({ name, width, height, content_type }) => [name, width, height, content_type])).toEqual([
      ['large', 800, 533, 'image/webp'],
      ['square', 100, 100, 'image/png'],
      ['small', 60, 40, 'image/jpeg'],
    ]);
    for (const { key: of, bytes, width } of result.outputs) {
      const stored = (await files.read(of))!;
      expect(stored.bytes.length).toBe(bytes);
      expect(see(stored.bytes).width).toBe(width);
    }
  });

  it('reports the place of a picture only when asked', async () => {
    const file = await keep(
      withExif(photo, { make: 'Ricoh', takenAt: '2026:01:31 12:34:56', gps: { latitude: 52, longitude: 13 } }),
    );

    const discreet = await thumbnail(file);
    const asked = await thumbnail(file, { gps: true });

    const known = { camera_make: 'Ricoh', camera_model: null, taken_at: '2026-01-31T12:34:56' };
    expect(discreet.result.metadata).toEqual(known);
    expect(asked.result.metadata).toEqual({ ...known, gps: { latitude: 52, longitude: 13 } });
  });

  it('reads a picture by its bytes, not by its filename', async () => {
    const { result } = await thumbnail(await keep(aPng(30, 20, [1, 2, 3, 255]), 'photo.jpg'));

    expect(result.source.format).toBe('png');
  });

  it('reports that a file is empty', async () => {
    const { task } = await thumbnail(await keep(new Uint8Array(0)));

    expect(task).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code: 'not_an_image' } });
    expect(task.error?.message).toContain('is empty');
  });

  it.each([
    ['a text with the filename of a PNG', new TextEncoder().encode('no picture'), 'not_an_image'],
    ['no bytes', new Uint8Array(0), 'not_an_image'],
    ['half a photo', photo.subarray(0, photo.length / 2), 'broken_image'],
  ])('fails once for %s, and the next picture succeeds', async (_name, bytes, code) => {
    const { task } = await thumbnail(await keep(bytes, 'a.png'));
    const next = await thumbnail(await keep(photo));

    expect(task).toMatchObject({ status: 'FAILURE', attempts: 1, error: { code } });
    expect(next.task.status).toBe('SUCCESS');
  });

  it('fails once for a file that does not exist, or that does not fit into memory', async () => {
    const large = await files.uploadStream(new Blob([new Uint8Array(MAX_READ_BYTES + 1)]).stream(), {
      filename: 'large.jpg',
      size: MAX_READ_BYTES + 1,
    });

    expect((await thumbnail('uploads/none')).task.error).toMatchObject({ code: 'file_not_found' });
    expect((await thumbnail(large.key)).task).toMatchObject({
      status: 'FAILURE',
      attempts: 1,
      error: { code: 'image_too_large', message: expect.stringContaining(`at most ${MAX_READ_BYTES}`) },
    });
  });

  it.each([
    [{ variants: [] }],
    [{ variants: Array.from({ length: 11 }, (_, n) => ({ name: `v${n}` })) }],
    [{ variants: [{ name: 'a' }, { name: 'a' }] }],
    [{ variants: [{ name: '../a' }] }],
    [{ variants: [{ name: 'A' }] }],
    [{ variants: [{}] }],
    [{ variants: [{ name: 'a', widht: 5 }] }],
    [{ variants: [{ name: 'a', width: 5000 }] }],
    [{ variants: [{ name: 'a', format: 'gif' }] }],
    [{ gps: 'yes' }],
  ])('is refused with %j', async (wrong) => {
    const json = { name: 'image.thumbnail', input: { file: 'uploads/a', ...wrong } };

    expect(await problemOf(call('POST /tasks', { key, json }))).toMatchObject({ status: 422, code: 'invalid_input' });
  });
});
