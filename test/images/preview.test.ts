import { thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash';
import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { aPhoto, aPng, CORNERS, difference } from '../support/photos.ts';
import * as samples from './samples.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 100, height: 100, fit: 'inside', format: 'jpeg', quality: 80 } as const;
const previewOf = async (bytes: Uint8Array) => (await resizeImage(bytes, [options])).preview;
const decoded = (base64: string) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

describe('the preview of a picture', () => {
  it.each([1, 6])('is upright for orientation %i, and small', async (orientation) => {
    const { placeholder } = await previewOf(await aPhoto({ orientation }));
    const { w, h, rgba } = thumbHashToRGBA(decoded(placeholder));

    expect(placeholder.length).toBeLessThan(48);
    expect(w / h).toBeCloseTo(1.5, 0);
    // The upper left corner is red and the lower left blue: the blurred placeholder still shows the difference.
    const [above, below] = [rgba.subarray(0, 3), rgba.subarray(4 * w * (h - 1), 4 * w * (h - 1) + 3)];
    expect(above[0]! - above[2]!).toBeGreaterThan(below[0]! - below[2]!);
    expect(CORNERS.topLeft[0]).toBeGreaterThan(CORNERS.bottomLeft[0]);
  });

  it('names the colour that covers most of it', async () => {
    expect((await previewOf(aPng(50, 50, [18, 52, 86, 255]))).dominantColour).toBe('#123456');
    expect((await previewOf(samples.grey)).dominantColour).toMatch(/^#([0-9a-f]{2})\1\1$/);
  });

  it('has no colour when no pixel is visible', async () => {
    const { dominantColour, placeholder } = await previewOf(aPng(50, 50, [200, 0, 0, 0]));

    expect(dominantColour).toBeNull();
    expect(thumbHashToAverageRGBA(decoded(placeholder)).a).toBe(0);
  });

  it.each([
    [1, 1],
    [2000, 1],
    [1, 2000],
  ])('is made for %i×%i pixels', async (width, height) => {
    const { placeholder, dominantColour } = await previewOf(aPng(width, height, [0, 128, 0, 255]));
    const { r, g, b } = thumbHashToAverageRGBA(decoded(placeholder));

    expect(difference([r * 255, g * 255, b * 255], [0, 128, 0])).toBeLessThan(30);
    expect(dominantColour).toBe('#008000');
  });
});
