import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { aBmp } from './bombs.ts';
import { meanDifference } from './difference.ts';
import { fixture } from './fixture.ts';

describe('a thumbnail', () => {
  it('differs from one that was reduced from full size by no more than 1 of 255', async () => {
    const box = { width: 80, height: 80, fit: 'inside', format: 'png', quality: 80 } as const;
    const { outputs } = await resizeImage(fixture('chart.jpg'), [box]);

    expect(meanDifference(outputs[0]!.bytes, fixture('chart-80.png'))).toBeLessThan(1);
  });

  it('is made of a picture that leaves no memory for halved copies', async () => {
    const box = { width: 500, height: 500, fit: 'inside', format: 'jpeg', quality: 80 } as const;
    const { outputs } = await resizeImage(aBmp(2800, 2100, [10, 200, 30]), [box]);

    expect(outputs[0]).toMatchObject({ width: 500, height: 375 });
  });
});
