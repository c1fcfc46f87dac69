import { describe, expect, it } from 'vitest';
import { decodeBmp } from '../../src/images/decode-bmp.ts';
import { resizeImage } from '../../src/images/index.ts';
import { encodeWithPhoton } from '../../src/images/photon.ts';
import { toRgba } from '../../src/images/pixels.ts';
import { resample } from '../../src/images/resample.ts';
import { aBmp } from './bombs.ts';
import { meanDifference } from './difference.ts';
import { fixture } from './fixture.ts';

describe('a thumbnail', () => {
  it('differs from one that was reduced from full size by no more than 1 of 255', async () => {
    const box = { width: 80, height: 80, fit: 'inside', format: 'png', quality: 80 } as const;
    const { outputs } = await resizeImage(fixture('chart.jpg'), [box]);

    expect(meanDifference(outputs[0]!.bytes, fixture('chart-80.png'))).toBeLessThan(1);
  });

  it.each(['lines.jpg', 'lines-progressive.jpg'])(
    'of thin coloured lines differs by no more than 1.5 of 255: %s',
    async (name) => {
      const box = { width: 105, height: 105, fit: 'inside', format: 'png', quality: 80 } as const;
      const { outputs } = await resizeImage(fixture(name), [box]);

      expect(meanDifference(outputs[0]!.bytes, fixture('lines-105.png'))).toBeLessThan(1.5);
    },
  );

  it('of a picture that was halved first differs hardly from one that was not', async () => {
    const box = { width: 500, height: 500, fit: 'inside', format: 'png', quality: 80 } as const;
    const lines = aBmpWith(2800, 2100, (x, y) =>
      (x + 3 * y) % 61 < 7 || (5 * x - y + 20_000) % 97 < 9 ? [20, 60, 200] : [240, 240, 235],
    );
    const { outputs } = await resizeImage(lines, [box]);
    const pixels = decodeBmp(lines);
    const right = resample(pixels, { left: 0, top: 0, width: 2800, height: 2100 }, { width: 500, height: 375 });

    expect(meanDifference(outputs[0]!.bytes, encodeWithPhoton(toRgba(right), 'png', 80))).toBeLessThan(0.6);
  });

  it('is made of a picture that leaves no memory for halved copies', async () => {
    const box = { width: 500, height: 500, fit: 'inside', format: 'jpeg', quality: 80 } as const;
    const { outputs } = await resizeImage(aBmp(2800, 2100, [10, 200, 30]), [box]);

    expect(outputs[0]).toMatchObject({ width: 500, height: 375 });
  });
});

/** A BMP of 24 bits, drawn pixel by pixel. */
function aBmpWith(width: number, height: number, colourAt: (x: number, y: number) => number[]): Uint8Array {
  const bytes = aBmp(width, height, [0, 0, 0]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) bytes.set(colourAt(x, y).reverse(), 54 + (y * width + x) * 3);
  return bytes;
}
