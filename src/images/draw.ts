// Resizes decoded pixels for every output and for the preview, and makes sRGB of them. Colours are converted after resizing,
// where there are few pixels.
import { type Job, wantedShare } from './jobs.ts';
import type { Pixels } from './pixels.ts';
import type { Placement } from './place.ts';
import { previewSize } from './preview.ts';
import { reduce, reductionFor } from './reduce.ts';
import { type Filter, type Mix, resample } from './resample.ts';

/**
 * The blur of a reduced picture, measured for one that has one pixel for each wanted one. With twice as many, a quarter of it is
 * left.
 */
const BLUR = 0.06;

/** How the pixels were decoded. */
export interface Decoding {
  /** Their size as a share of the source, before it was rounded to whole pixels. */
  scale: number;
  /** They may be halved: there is memory for the copies, and it saves time. */
  mayReduce: boolean;
  /** A quicker way to resize them. */
  mix?: Mix;
  /** Makes RGBA in sRGB of them. */
  toSrgb: (pixels: Pixels) => Pixels;
}

/** What is made from the decoded pixels, in sRGB: the picture of every output, and the small one for the preview. */
export interface Drawn {
  pictures: { picture: Pixels; job: Job }[];
  small: Pixels;
}

export function draw(decoded: Pixels, { scale, mayReduce, mix, toSrgb }: Decoding, jobs: Job[]): Drawn {
  const factor = mayReduce ? reductionFor(decoded, wantedShare(jobs) / scale) : 1;
  const pixels = reduce(decoded, factor);
  const pictures = jobs.map((job) => {
    const left = ((scale / factor) * job.placement.crop.width) / job.placement.picture.width;
    const filter = { sharpness: factor === 1 ? 0 : BLUR / left ** 2, ...(mix && { mix }) };
    const picture = resize(pixels, scale / factor, job.placement, filter);
    return { picture: toSrgb(picture), job };
  });
  return { pictures, small: toSrgb(small(pixels, mayReduce, mix)) };
}

/** Resizes pixels of a scale. The placement is in pixels of the source. */
function resize(pixels: Pixels, scale: number, { crop, picture }: Placement, filter: Filter): Pixels {
  const { left, top, width, height } = crop;
  return resample(
    pixels,
    { left: left * scale, top: top * scale, width: width * scale, height: height * scale },
    picture,
    3,
    filter,
  );
}

/** The small picture for the preview. If there is memory, it is halved first, which is quicker and precise enough. */
function small(pixels: Pixels, mayReduce: boolean, mix?: Mix): Pixels {
  const size = previewSize(pixels);
  const halvings = mayReduce ? Math.max(0, Math.floor(Math.log2(pixels.width / size.width / 2))) : 0;
  const halved = reduce(pixels, 2 ** halvings);
  return resample(halved, { left: 0, top: 0, width: halved.width, height: halved.height }, size, 1, mix && { mix });
}
