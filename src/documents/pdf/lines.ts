// Breaks text into lines, and each line into the pieces that are drawn.
import type { RichText } from '../model.ts';
import type { Face } from './face.ts';
import { orderOf } from './order.ts';
import { type Link, type Span, spansOf } from './rich-text.ts';
import { wrap } from './wrap.ts';

/** Characters that are drawn one after another. */
export interface Piece {
  /** From left to right. */
  shown: string;
  /** The characters that it stands for, in the order of reading, if that is not `shown`. */
  meant: string | undefined;
  /** The distance from the left end of the line, and the width, in points. */
  x: number;
  width: number;
  link: Link | undefined;
}

export interface Line {
  /** In the order of reading. */
  pieces: Piece[];
  width: number;
  rightToLeft: boolean;
}

/** The lines of a text. A line feed begins a new line; an empty text is one empty line. */
export function breakLines(text: RichText, face: Face, size: number, maxWidth: number): Line[] {
  const spans = spansOf(text);
  const whole = spans.map((span) => span.text).join('');
  const linkAt = linksOf(spans);
  const widthOf = (part: string) => face.widthOf(part, size);
  const lines: Line[] = [];
  let start = 0;
  for (const paragraph of whole.split('\n')) {
    const order = orderOf(paragraph);
    const shown = order?.shown ?? paragraph;
    let from = 0;
    for (const part of wrap(shown, maxWidth, widthOf)) {
      // Between two lines are only spaces.
      from = shown.indexOf(part, from);
      const to = from + part.length;
      const places =
        order && part !== '' ? order.visual(from, to) : Array.from({ length: to - from }, (_, at) => from + at);
      const turned = order !== undefined;
      const groups = groupByLink(places, (place) => linkAt(start + place));
      lines.push(lineOf(groups, { shown, paragraph, turned, rightToLeft: order?.rightToLeft ?? false, widthOf }));
      from = to;
    }
    start += paragraph.length + 1;
  }
  return lines;
}

interface Group {
  places: number[];
  link: Link | undefined;
}

interface Shown {
  shown: string;
  paragraph: string;
  turned: boolean;
  rightToLeft: boolean;
  widthOf(text: string): number;
}

function lineOf(groups: Group[], { shown, paragraph, turned, rightToLeft, widthOf }: Shown): Line {
  let x = 0;
  const pieces = groups.map(({ places, link }) => {
    const text = places.map((place) => shown.charAt(place)).join('');
    const logical = [...places].sort((a, b) => a - b);
    const meant = turned ? logical.map((place) => paragraph.charAt(place)).join('') : undefined;
    const piece = { shown: text, meant, x, width: widthOf(text), link };
    x += piece.width;
    return { piece, first: logical[0] ?? 0 };
  });
  pieces.sort((a, b) => a.first - b.first);
  return { pieces: pieces.map(({ piece }) => piece), width: x, rightToLeft };
}

function groupByLink(places: number[], linkAt: (place: number) => Link | undefined): Group[] {
  const groups: Group[] = [];
  for (const place of places) {
    const link = linkAt(place);
    const last = groups.at(-1);
    if (last && last.link === link) last.places.push(place);
    else groups.push({ places: [place], link });
  }
  return groups;
}

function linksOf(spans: Span[]): (at: number) => Link | undefined {
  if (spans.every(({ link }) => !link)) return () => undefined;
  const links: (Link | undefined)[] = [];
  for (const { text, link } of spans) for (let at = 0; at < text.length; at++) links.push(link);
  return (at) => links[at];
}
