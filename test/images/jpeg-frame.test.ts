import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { checkJpegIsWhole, firstScanAt, leanJpeg, mostSampling, readJpegFrame } from '../../src/images/jpeg-frame.ts';
import { withExif } from '../support/exif.ts';
import { aJpegHeader, aPhoto } from '../support/photos.ts';
import { join, repeat } from './bombs.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const photo = await aPhoto();

describe('the frame of a JPEG', () => {
  it('gives size, process and sampling', () => {
    expect(readJpegFrame(photo)).toMatchObject({ width: 480, height: 320, progressive: false });
    expect(readJpegFrame(samples.progressive)).toMatchObject({ width: 48, height: 32, progressive: true });
    expect(readJpegFrame(samples.grey).sampling).toEqual([{ horizontal: 1, vertical: 1 }]);
  });

  it.each([
    ['a size of 0', aJpegHeader(0, 100), 'broken_image'],
    ['no frame header', Uint8Array.of(0xff, 0xd8, 0xff, 0xd9), 'broken_image'],
    ['a factor of 5', aJpegHeader(9, 9).map((byte, at) => (at === 13 ? 0x51 : byte)), 'broken_image'],
    ['two components', aJpegHeader(9, 9).map((byte, at) => (at === 11 ? 2 : byte)), 'unsupported_image'],
    ['12 bits per channel', aJpegHeader(9, 9).map((byte, at) => (at === 6 ? 12 : byte)), 'unsupported_image'],
  ])('is refused with %s', (_, bytes, code) => {
    expect(() => readJpegFrame(bytes)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    [0xc3, 'lossless'],
    [0xc5, 'hierarchical'],
    [0xc9, 'coded arithmetically'],
    [0xca, 'coded arithmetically'],
  ])('of the kind 0x%s is refused by name', (code, kind) => {
    const bytes = aJpegHeader(9, 9).map((byte, at) => (at === 3 ? code : byte));

    expect(() => readJpegFrame(bytes)).toThrow(`This JPEG is ${kind}.`);
  });

  it('says whether all colours are in one scan', () => {
    expect(readJpegFrame(photo).inOneScan).toBe(true);
    expect(readJpegFrame(samples.progressive).inOneScan).toBe(false);
    expect(readJpegFrame(fixture('jpeg-420-three-scans.jpg'))).toMatchObject({ progressive: false, inOneScan: false });
  });

  it('has its largest sampling in each direction', () => {
    expect(mostSampling(readJpegFrame(fixture('jpeg-411.jpg')))).toEqual({ horizontal: 4, vertical: 1 });
    expect(mostSampling(readJpegFrame(fixture('jpeg-440.jpg')))).toEqual({ horizontal: 1, vertical: 2 });
  });

  it('gives the names of the components', () => {
    expect(readJpegFrame(photo).ids).toEqual([1, 2, 3]);
    expect(readJpegFrame(samples.grey).ids).toEqual([1]);
  });

  it('is followed by the first scan', () => {
    expect([...photo.subarray(firstScanAt(photo), firstScanAt(photo) + 2)]).toEqual([0xff, 0xda]);
  });
});

describe('a whole JPEG', () => {
  it('ends with its end marker, and may be followed by anything', () => {
    expect(() => checkJpegIsWhole(photo)).not.toThrow();
    expect(() => checkJpegIsWhole(join(photo, Uint8Array.of(1, 2, 3)))).not.toThrow();
    expect(() => checkJpegIsWhole(photo.subarray(0, -2))).toThrow('it ends before its end marker');
  });
});

describe('a lean JPEG', () => {
  it('is the same picture without metadata', () => {
    const lean = leanJpeg(photo);

    expect(leanJpeg(withExif(photo, { make: 'Ricoh' }))).toEqual(lean);
    expect(readJpegFrame(lean)).toEqual(readJpegFrame(photo));
  });
});

describe('a hostile JPEG', () => {
  it('is read one segment at a time, although it has a million segments', { timeout: 60_000 }, async () => {
    const many = repeat(Uint8Array.from([0xff, 0xe1, 0, 2]), 1_000_000);

    expect((await resize(join(photo.slice(0, 2), many, photo.slice(2)))).outputs[0]?.width).toBe(120);
  });

  it('with thousands of scans is refused before it is decoded', async () => {
    const at = photo.findIndex((byte, index) => byte === 0xff && photo[index + 1] === 0xda);
    const scan = Uint8Array.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    const scans = Array.from({ length: 5000 }, () => scan);

    await expect(resize(join(photo.slice(0, at), ...scans, photo.slice(at)))).rejects.toMatchObject({
      code: 'broken_image',
      message: expect.stringContaining('more than 100 scans'),
    });
  });
});
