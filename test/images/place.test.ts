import { describe, expect, it } from 'vitest';
import { place } from '../../src/images/place.ts';

const size = (width: number, height: number) => ({ width, height });
const whole = { left: 0, top: 0, width: 300, height: 200 };
const source = size(300, 200);

describe('place', () => {
  it('inside keeps the aspect ratio, and never enlarges', () => {
    expect(place(source, size(150, 150), 'inside')).toEqual({
      crop: whole,
      picture: size(150, 100),
      canvas: size(150, 100),
    });
    expect(place(source, size(900, 900), 'inside')).toEqual({ crop: whole, picture: source, canvas: source });
  });

  it('inside never makes a side shorter than one pixel', () => {
    expect(place(size(5000, 1), size(100, 100), 'inside').picture).toEqual(size(100, 1));
  });

  it('cover fills the box and keeps the centre', () => {
    expect(place(source, size(100, 100), 'cover')).toEqual({
      ...{ crop: { left: 50, top: 0, width: 200, height: 200 }, picture: size(100, 100), canvas: size(100, 100) },
    });
    expect(place(source, size(600, 600), 'cover').picture).toEqual(size(600, 600));
  });

  it('contain shows the whole picture in the middle of the box', () => {
    expect(place(source, size(150, 150), 'contain')).toEqual({
      crop: whole,
      picture: size(150, 100),
      canvas: size(150, 150),
    });
    expect(place(source, size(600, 600), 'contain').picture).toEqual(size(600, 400));
  });
});
