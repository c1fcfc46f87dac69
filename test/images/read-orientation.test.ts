import { describe, expect, it } from 'vitest';
import { isQuarterTurn, type Orientation, readOrientation } from '../../src/images/read-orientation.ts';
import { withExif } from '../support/exif.ts';
import { aPhoto, aPng } from '../support/photos.ts';
import * as samples from './samples.ts';

describe('the orientation of a picture', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('is %i as the camera wrote it', async (orientation) => {
    expect(await readOrientation(await aPhoto({ orientation }), 'jpeg')).toBe(orientation);
  });

  it('is read from a WebP', async () => {
    expect(await readOrientation(samples.webpTurned, 'webp')).toBe(6);
  });

  it('is upright without EXIF, with damaged EXIF, and with a number that does not exist', async () => {
    const damaged = (await aPhoto({ orientation: 6 })).fill(0xee, 12, 36);

    expect(await readOrientation(aPng(2, 2, [0, 0, 0, 255]), 'png')).toBe(1);
    expect(await readOrientation(damaged, 'jpeg')).toBe(1);
    expect(await readOrientation(withExif(await aPhoto(), { orientation: 9 }), 'jpeg')).toBe(1);
  });

  it('is a quarter turn from 5 to 8', () => {
    expect(([1, 2, 3, 4, 5, 6, 7, 8] as Orientation[]).filter(isQuarterTurn)).toEqual([5, 6, 7, 8]);
  });
});
