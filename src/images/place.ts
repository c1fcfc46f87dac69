// The geometry of a resize: which part of the source is shown, at what size, and how large the output is. Pure.
/** How a picture fills the wanted box. The names mean the same as in CSS object-fit and in sharp. */
export type Fit = 'inside' | 'cover' | 'contain';

export interface Size {
  width: number;
  height: number;
}

/** A part of a picture, in pixels that may be fractions. */
export interface Rectangle extends Size {
  left: number;
  top: number;
}

export interface Placement {
  /** The part of the source that is kept. */
  crop: Rectangle;
  /** The size to which that part is resized. */
  picture: Size;
  /** The size of the output. It is larger than the picture only with `contain`. */
  canvas: Size;
}

/**
 * Places a source in a box.
 * - `inside`: as large as the box allows, with the aspect ratio of the source, and never larger than the source
 * - `cover`: exactly the box; keeps the centre and cuts off the rest
 * - `contain`: exactly the box, with the whole picture in its middle
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
