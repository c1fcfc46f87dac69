// The outline of a glyph as operators of a content stream.
import { type TrueType, viewOf } from './true-type.ts';

interface Point {
  x: number;
  y: number;
  onCurve: boolean;
}

/** Flags of a point. */
const ON_CURVE = 0x01;
const X_SHORT = 0x02;
const Y_SHORT = 0x04;
const REPEATED = 0x08;
const X_SAME = 0x10;
const Y_SAME = 0x20;

/** Flags of a part of a glyph that is made of others. */
const WORD_ARGUMENTS = 0x0001;
const HAS_SCALE = 0x0008;
const MORE_PARTS = 0x0020;
const HAS_XY_SCALE = 0x0040;
const HAS_MATRIX = 0x0080;

/** The path of a glyph, filled, with its origin at `x`, `y`; `scale` is the size of a font unit. */
export function fillGlyph(type: TrueType, glyph: number, x: number, y: number, scale: number): string {
  const show = (point: { x: number; y: number }) =>
    [x + point.x * scale, y + point.y * scale].map((value) => Math.round(value * 1000) / 1000).join(' ');
  const paths = allContours(type, glyph).map((points) => pathOf(points, show));
  return [...paths, 'f'].join(' ');
}

function pathOf(points: Point[], show: (point: { x: number; y: number }) => string): string {
  const all = withMiddles(points);
  const first = all.findIndex(({ onCurve }) => onCurve);
  const turned = [...all.slice(first), ...all.slice(0, first + 1)];
  const parts: string[] = [];
  for (let at = 0; at < turned.length; at++) {
    const [before, point, after] = [turned[at - 1], turned[at], turned[at + 1]];
    if (!point) continue;
    if (at === 0) parts.push(`${show(point)} m`);
    else if (point.onCurve) parts.push(before?.onCurve ? `${show(point)} l` : '');
    else if (before && after) {
      // A curve with one control point, written with two.
      const control = (end: Point) => ({ x: (end.x + 2 * point.x) / 3, y: (end.y + 2 * point.y) / 3 });
      parts.push(`${show(control(before))} ${show(control(after))} ${show(after)} c`);
    }
  }
  return [...parts.filter((part) => part !== ''), 'h'].join(' ');
}

/** Between two control points is a point of the curve, which the font leaves out. */
function withMiddles(points: Point[]): Point[] {
  return points.flatMap((point, at) => {
    const next = points[(at + 1) % points.length] ?? point;
    if (point.onCurve || next.onCurve) return [point];
    return [point, { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2, onCurve: true }];
  });
}

/** The contours of a glyph and of all its parts. */
function allContours(type: TrueType, glyph: number): Point[][] {
  const outline = type.outlineOf(glyph);
  if (outline.length === 0) return [];
  const view = viewOf(outline);
  if (view.getInt16(0) >= 0) return contoursOf(outline);
  const contours: Point[][] = [];
  for (let at = 10, flags = MORE_PARTS; flags & MORE_PARTS; ) {
    flags = view.getUint16(at);
    const part = view.getUint16(at + 2);
    at += 4;
    const words = (flags & WORD_ARGUMENTS) > 0;
    const [right, up] = words ? [view.getInt16(at), view.getInt16(at + 2)] : [view.getInt8(at), view.getInt8(at + 1)];
    at += words ? 4 : 2;
    const next = () => {
      at += 2;
      return view.getInt16(at - 2) / 16_384;
    };
    let [a, b, c, d] = [1, 0, 0, 1];
    if (flags & HAS_SCALE) [a, d] = [view.getInt16(at) / 16_384, next()];
    else if (flags & HAS_XY_SCALE) [a, d] = [next(), next()];
    else if (flags & HAS_MATRIX) [a, b, c, d] = [next(), next(), next(), next()];
    const move = ({ x, y, onCurve }: Point) => ({ x: a * x + c * y + right, y: b * x + d * y + up, onCurve });
    contours.push(...allContours(type, part).map((points) => points.map(move)));
  }
  return contours;
}

function contoursOf(outline: Uint8Array): Point[][] {
  const view = viewOf(outline);
  const ends = Array.from({ length: view.getInt16(0) }, (_, contour) => view.getUint16(10 + contour * 2));
  const count = (ends.at(-1) ?? -1) + 1;
  let at = 10 + ends.length * 2;
  at += 2 + view.getUint16(at);
  const flags: number[] = [];
  while (flags.length < count) {
    const flag = view.getUint8(at++);
    flags.push(flag);
    if (flag & REPEATED) for (let times = view.getUint8(at++); times > 0; times--) flags.push(flag);
  }
  const axis = (short: number, same: number) => {
    let value = 0;
    return flags.map((flag) => {
      if (flag & short) value += view.getUint8(at++) * (flag & same ? 1 : -1);
      else if (!(flag & same)) {
        value += view.getInt16(at);
        at += 2;
      }
      return value;
    });
  };
  const [xs, ys] = [axis(X_SHORT, X_SAME), axis(Y_SHORT, Y_SAME)];
  const points = flags.map((flag, point) => ({ x: xs[point] ?? 0, y: ys[point] ?? 0, onCurve: (flag & ON_CURVE) > 0 }));
  return ends.map((end, contour) => points.slice(contour === 0 ? 0 : (ends[contour - 1] ?? 0) + 1, end + 1));
}
