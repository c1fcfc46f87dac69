import { describe, expect, it } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { meanDifference } from './difference.ts';
import { fixtures } from './fixture.ts';

describe('a thumbnail', () => {
  it('differs from one that was reduced from full size by no more than 1 of 255', async () => {
    const box = { width: 80, height: 80, fit: 'inside', format: 'png', quality: 80 } as const;
    const { outputs } = await resizeImage(fixtures.chart, [box]);

    expect(meanDifference(outputs[0]!.bytes, fixtures.chart80)).toBeLessThan(1);
  });
});
