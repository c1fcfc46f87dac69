import { describe, expect, it } from 'vitest';
import {
  foreseeOutputBytes,
  type ImageFormat,
  jobsOf,
  type ResizeOptions,
  wantedShare,
} from '../../src/images/jobs.ts';

const output = (about: Partial<ResizeOptions> = {}): ResizeOptions => ({
  ...{ width: 100, height: 50, fit: 'cover', format: 'jpeg', quality: 80 },
  ...about,
});

describe('the jobs for a picture', () => {
  it('are placed in the stored picture, which may be on its side', () => {
    const upright = jobsOf({ width: 1000, height: 1000, orientation: 1 }, [output()]);
    const turned = jobsOf({ width: 1000, height: 1000, orientation: 6 }, [output()]);

    expect(upright[0]?.placement.canvas).toEqual({ width: 100, height: 50 });
    expect(turned[0]?.placement.canvas).toEqual({ width: 50, height: 100 });
  });

  it('want the share of the largest output', () => {
    const source = { width: 1000, height: 1000, orientation: 1 } as const;

    expect(
      wantedShare(jobsOf(source, [output({ fit: 'inside' }), output({ fit: 'inside', width: 500, height: 500 })])),
    ).toBe(0.5);
    expect(wantedShare(jobsOf(source, [output({ width: 2000, height: 2000 })]))).toBe(2);
  });

  it('need memory for the pixels of all outputs, and for one encoder', () => {
    const source = { width: 1000, height: 1000, orientation: 1 } as const;
    const one = foreseeOutputBytes(source, jobsOf(source, [output()]));
    const two = foreseeOutputBytes(source, jobsOf(source, [output(), output()]));

    expect(two.pixels - one.pixels).toBe(100 * 50 * 8);
    expect(two.photon).toBe(one.photon);
    expect(foreseeOutputBytes(source, jobsOf(source, [output({ format: 'png' })])).photon).toBeGreaterThan(one.photon);
  });

  it('need the encoder for lossy WebP only for such outputs', () => {
    const source = { width: 1000, height: 1000, orientation: 1 } as const;
    const memory = (format: ImageFormat) => foreseeOutputBytes(source, jobsOf(source, [output({ format })]));

    expect(memory('webp')).toMatchObject({ photon: 0, webp: 20 * 2 ** 20 });
    expect(memory('webp-lossless').webp).toBe(0);
  });
});
