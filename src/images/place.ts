// The geometry of a resize (pure): which part of the source, at what size, on what canvas.

/** How a picture fills the wanted box; the names and meanings of CSS object-fit and sharp. */
export type Fit = 'inside' | 'cover' | 'contain';

export interface Size {
  width: number;
  height: number;
}

/** A part of a picture, in its pixels, not rounded. */
export interface Rectangle extends Size {
  left: number;
  top: number;
}

export interface Placement {
  /** The part of the source that is kept. */
  crop: Rectangle;
  /** What that part is resized to. */
  picture: Size;
  /** The size of the output: larger than the picture only for `contain`. */
  canvas: Size;
}

/**
 * Places a source in a box.
 * - `inside`: as large as fits, keeping the aspect; never larger than the source
 * - `cover`: exactly the box; the centre is kept, what overhangs is cut
 * - `contain`: exactly the box; the whole picture in the middle of it
 *
 * `cover` and `contain` enlarge a source that is smaller than the box, as sharp does.
 */
export function place(source: Size, box: Size, fit: Fit): Placement {
  const scales = [box.width / source.width, box.height / source.height];
  if (fit === 'cover') {
    const scale = Math.max(...scales);
    const width = box.width / scale;
    const height = box.height / scale;
    const crop = { left: (source.width - width) / 2, top: (source.height - height) / 2, width, height };
    return { crop, picture: box, canvas: box };
  }
  const scale = Math.min(...scales, ...(fit === 'inside' ? [1] : []));
  const picture = {
    width: Math.max(1, Math.round(source.width * scale)),
    height: Math.max(1, Math.round(source.height * scale)),
  };
  return {
    crop: { left: 0, top: 0, width: source.width, height: source.height },
    picture,
    canvas: fit === 'contain' ? box : picture,
  };
}
