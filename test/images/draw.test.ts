import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { meanDifference } from './difference.ts';
import { fixture } from './fixture.ts';

describe('a thumbnail', () => {
  it('differs from one that was reduced from full size by no more than 1 of 255', async () => {
    const box = { width: 80, height: 80, fit: 'inside', format: 'png', quality: 80 } as const;
    const { outputs } = await resizeImage(fixture('chart.jpg'), [box]);

    expect(meanDifference(outputs[0]!.bytes, fixture('chart-80.png'))).toBeLessThan(1);
  });
});
