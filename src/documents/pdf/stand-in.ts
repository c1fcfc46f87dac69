// Characters that are read but not drawn as text. In a text that is to be drawn, a lone surrogate stands for each, which no clean
// text has.

/**
 * `contained`: the form of the letter beside it contains it. `placed`: a mark, which is drawn above or below its letter. `mirrored`:
 * a bracket of a text from right to left, which is drawn as its counterpart.
 */
export type Kind = 'contained' | 'placed' | 'mirrored';

/** Hebrew and Arabic. */
const [FIRST, LAST] = [0x590, 0x6ff];
const BASES = { contained: 0xdc00, placed: 0xde00 } as const;
const MIRRORED_BASE = 0xdd80;
/** Pairs, one beside the other. */
const BRACKETS = '()<>[]{}«»‹›';

/** What stands for a character; the character itself if it has no stand-in. */
export function standIn(character: string, kind: Kind): string {
  const code = character.charCodeAt(0);
  if (kind === 'mirrored') {
    const index = BRACKETS.indexOf(character);
    return index < 0 ? character : String.fromCharCode(MIRRORED_BASE + index);
  }
  return code >= FIRST && code <= LAST ? String.fromCharCode(BASES[kind] + code - FIRST) : character;
}

/** The character that another stands for; undefined when it stands for itself. */
export function stoodFor(character: string): { character: string; kind: Kind } | undefined {
  const code = character.length === 1 ? character.charCodeAt(0) : 0;
  const bracket = code >= MIRRORED_BASE ? BRACKETS[code - MIRRORED_BASE] : undefined;
  if (bracket) return { character: bracket, kind: 'mirrored' };
  for (const kind of ['contained', 'placed'] as const) {
    const meant = code - BASES[kind] + FIRST;
    if (meant >= FIRST && meant <= LAST) return { character: String.fromCharCode(meant), kind };
  }
  return undefined;
}

/** The counterpart of a bracket, as a code point. */
export function mirror(bracket: string): number {
  return BRACKETS.charCodeAt(BRACKETS.indexOf(bracket) ^ 1);
}
