// Puts the characters of a line in the order in which they are drawn, from left to right (the Unicode Bidirectional Algorithm).
import bidiFactory from 'bidi-js';
import { shape } from './shape.ts';
import { standIn } from './stand-in.ts';

export interface Ordered {
  /** The paragraph as it is drawn: shaped, brackets mirrored, still in the order of reading. */
  shown: string;
  rightToLeft: boolean;
  /** The places of the characters from `from` to `to`, from left to right. */
  visual(from: number, to: number): number[];
}

/** Letters and formatting characters that may make text run from right to left. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

const bidi = bidiFactory();

/** The order of a paragraph; undefined when all of it runs from left to right. */
export function orderOf(paragraph: string): Ordered | undefined {
  if (!RIGHT_TO_LEFT.test(paragraph)) return undefined;
  const embedding = bidi.getEmbeddingLevels(paragraph);
  const isMark = (at: number, unit: string) => ((embedding.levels[at] ?? 0) & 1) === 1 && /\p{M}/u.test(unit);
  const mirrored = bidi.getMirroredCharactersMap(paragraph, embedding.levels);
  const shown = [...shape(paragraph).split('')]
    .map((unit, at) => {
      if (isMark(at, unit)) return standIn(unit, 'placed');
      const counterpart = mirrored.get(at);
      if (counterpart === undefined) return unit;
      const bracket = standIn(unit, 'mirrored');
      return bracket === unit ? counterpart : bracket;
    })
    .join('');
  return {
    shown,
    rightToLeft: ((embedding.paragraphs[0]?.level ?? 0) & 1) === 1,
    visual: (from, to) => {
      const places = bidi.getReorderedIndices(paragraph, embedding, from, to - 1);
      return wholePairs(paragraph, places);
    },
  };
}

/** The halves of a surrogate pair stay in their order, also where the text is turned round. */
function wholePairs(text: string, places: number[]): number[] {
  const turned = [...places];
  for (let at = 1; at < turned.length; at++) {
    const [left = 0, right = 0] = [turned[at - 1], turned[at]];
    if (left === right + 1 && /[\udc00-\udfff]/.test(text.charAt(left)) && /[\ud800-\udbff]/.test(text.charAt(right)))
      [turned[at - 1], turned[at]] = [right, left];
  }
  return turned;
}
