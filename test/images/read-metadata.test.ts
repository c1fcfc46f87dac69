import { describe, expect, it, vi } from 'vitest';
import { readHeader, readMetadata, resizeImage } from '../../src/images/index.ts';
import { withExif } from '../support/exif.ts';
import { aPhoto, aPng } from '../support/photos.ts';
import { aPngOf, join, zeros } from './bombs.ts';
import * as samples from './samples.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const photo = await aPhoto();
const camera = {
  make: 'Ricoh',
  model: 'GR III',
  orientation: 6,
  takenAt: '2026:01:31 12:34:56',
  offset: '+02:00',
  gps: { latitude: -33, longitude: 18 },
};

describe('the metadata of a picture', () => {
  it('names the camera and the time, and the place only if asked', async () => {
    const bytes = withExif(photo, camera);

    const known = { cameraMake: 'Ricoh', cameraModel: 'GR III', takenAt: '2026-01-31T12:34:56+02:00' };
    expect(await readMetadata(bytes, 'jpeg')).toEqual(known);
    expect(await readMetadata(bytes, 'jpeg', { gps: true })).toEqual({
      ...known,
      gps: { latitude: -33, longitude: 18 },
    });
  });

  it('has no offset from UTC when the camera stored none', async () => {
    const { takenAt } = await readMetadata(withExif(photo, { takenAt: camera.takenAt }), 'jpeg');

    expect(takenAt).toBe('2026-01-31T12:34:56');
  });

  it.each([
    ['a photo without EXIF', photo, 'jpeg'],
    ['a PNG', aPng(4, 4, [0, 0, 0, 255]), 'png'],
    ['a GIF', samples.gif, 'gif'],
    ['a WebP', samples.webpTurned, 'webp'],
    ['EXIF that is cut off', withExif(photo, camera).slice(0, 60), 'jpeg'],
    ['EXIF that is noise', withExif(photo, camera).fill(0xee, 14, 120), 'jpeg'],
  ] as const)('is empty for %s', async (_name, bytes, format) => {
    expect(await readMetadata(bytes, format, { gps: true })).toEqual({
      cameraMake: null,
      cameraModel: null,
      takenAt: null,
      gps: null,
    });
  });

  it.each([
    [{ takenAt: '0000:00:00 00:00:00' }, { takenAt: null }],
    [{ takenAt: '    :  :     :  :  ' }, { takenAt: null }],
    [{ takenAt: '2026:13:45 25:00:00' }, { takenAt: null }],
    [{ make: '  \t ' }, { cameraMake: null }],
    [{ make: 'x'.repeat(5000) }, { cameraMake: 'x'.repeat(100) }],
    [{ make: 'Ca\rnon\n' }, { cameraMake: 'Canon' }],
    [{ gps: { latitude: 95, longitude: 18 } }, { gps: null }],
  ])('is checked: %j', async (wrong, expected) => {
    expect(await readMetadata(withExif(photo, wrong), 'jpeg', { gps: true })).toMatchObject(expected);
  });

  it('is read from a PNG too, with the orientation', async () => {
    const exif = withExif(photo, camera);
    const tiff = exif.slice(12, 2 + 2 + ((exif[4]! << 8) | exif[5]!));
    const png = aPngOf(30, 20, [
      ['eXIf', tiff],
      ['IDAT', await zeros(31 * 20)],
    ]);

    expect(await readMetadata(png, 'png')).toMatchObject({ cameraMake: 'Ricoh', cameraModel: 'GR III' });
    expect((await readHeader(png)).orientation).toBe(6);
  });

  it('is ignored when it is larger than 256 KiB', async () => {
    const exif = withExif(photo, camera);
    const tiff = exif.slice(12, 2 + 2 + ((exif[4]! << 8) | exif[5]!));
    const png = aPngOf(30, 20, [
      ['eXIf', join(tiff, new Uint8Array(300_000))],
      ['IDAT', await zeros(31 * 20)],
    ]);

    expect((await readMetadata(png, 'png')).cameraMake).toBeNull();
  });
});

describe('an output', () => {
  it.each(['jpeg', 'png', 'webp'] as const)('in %s contains no metadata', async (format) => {
    const bytes = withExif(photo, camera);
    const { outputs } = await resizeImage(bytes, [{ width: 100, height: 100, fit: 'inside', format, quality: 80 }]);
    const text = String.fromCharCode(...outputs[0]!.bytes);

    for (const mark of [
      'Exif',
      'EXIF',
      'eXIf',
      'ICC',
      'iCCP',
      'ICCP',
      'http://ns.adobe.com',
      'XMP ',
      'tEXt',
      'iTXt',
      'Ricoh',
    ])
      expect(text).not.toContain(mark);
    if (format === 'jpeg') expect(segmentsOf(outputs[0]!.bytes)).not.toContain('e1');
  });
});

/** The markers of a JPEG up to its first scan. */
function segmentsOf(jpeg: Uint8Array): string[] {
  const found: string[] = [];
  for (let at = 2; jpeg[at] === 0xff && jpeg[at + 1] !== 0xda; at += 2 + (jpeg[at + 2]! << 8) + jpeg[at + 3]!) {
    found.push(jpeg[at + 1]!.toString(16));
  }
  return found;
}
