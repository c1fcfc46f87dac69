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
    const offset = start;
    const groupsOf = (from: number, to: number): Group[] => {
      // Nearly all text, so it takes no array of its characters.
      if (!order && !linkAt) return [{ text: shown.slice(from, to), first: from, link: undefined }];
      const places =
        order && from < to ? order.visual(from, to) : Array.from({ length: to - from }, (_, at) => from + at);
      return groupByLink(shown, places, (place) => linkAt?.(offset + place));
    };
    let from = 0;
    for (const part of wrap(shown, maxWidth, widthOf)) {
      // Between two lines are only spaces.
      from = shown.indexOf(part, from);
      const to = from + part.length;
      lines.push(lineOf(groupsOf(from, to), order?.rightToLeft ?? false, widthOf));
      from = to;
    }
    start += paragraph.length + 1;
  }
  return lines;
}

interface Group {
  text: string;
  /** The place of the first of its characters in the order of reading. */
  first: number;
  link: Link | undefined;
}

function lineOf(groups: Group[], rightToLeft: boolean, widthOf: (text: string) => number): Line {
  let x = 0;
  const pieces = groups.map(({ text, first, link }) => {
    const piece = { shown: text, x, width: widthOf(text), link };
    x += piece.width;
    return { piece, first };
  });
  pieces.sort((a, b) => a.first - b.first);
  return { pieces: pieces.map(({ piece }) => piece), width: x, rightToLeft };
}

function groupByLink(shown: string, places: number[], linkAt: (place: number) => Link | undefined): Group[] {
  const groups: Group[] = [];
  for (const place of places) {
    const link = linkAt(place);
    const last = groups.at(-1);
    if (last && last.link === link) {
      last.text += shown.charAt(place);
      last.first = Math.min(last.first, place);
    } else groups.push({ text: shown.charAt(place), first: place, link });
  }
  return groups;
}

/** The link at each place of the text; undefined when there is none at all. */
function linksOf(spans: Span[]): ((at: number) => Link | undefined) | undefined {
  if (spans.every(({ link }) => !link)) return undefined;
  const links: (Link | undefined)[] = [];
  for (const { text, link } of spans) for (let at = 0; at < text.length; at++) links.push(link);
  return (at) => links[at];
}
