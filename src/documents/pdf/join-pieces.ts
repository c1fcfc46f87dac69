// Joins the pieces of text of a page. PDF.js gives them in the order in which they are drawn, and sets the spaces of text that runs
// to the right. On a line that runs to the left, the positions of the pieces decide the order and the spaces.

/** A piece of text of PDF.js, as far as it is used here. */
export interface Piece {
  str: string;
  hasEOL: boolean;
  /** In the units of the page. */
  width: number;
  transform: number[];
}

/** A piece that is not turned. */
interface Placed {
  text: string;
  left: number;
  right: number;
  y: number;
  /** Of the font. */
  size: number;
}

/** A wider gap between two pieces is a space, in font sizes. */
const SPACE_WIDTH = 0.15;
/** A piece that is further above or below than this stands on another line, in font sizes. */
const LINE_HEIGHT = 0.5;
/** A piece over the beginning of a run that is wider than this is other text; over a narrower one it may be an accent. */
const ACCENT_WIDTH = 1.2;

const TO_THE_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/g;
const LETTER = /\p{L}/gu;
/** The forms of Arabic letters within a word, which some fonts have as characters of their own. */
const FORM = /[\ufb50-\ufdff\ufe70-\ufefc]/g;

export class PieceJoiner {
  #text: string[] = [];
  /** The pieces of the line, with those that PDF.js added for spaces. A piece that is turned has no place. */
  #line: (Placed | string)[] = [];

  add({ str, hasEOL, width, transform }: Piece): void {
    const [a = 0, b = 0, c = 0, size = 0, left = 0, y = 0] = transform;
    const text = str.replace(FORM, (form) => form.normalize('NFKC').trim());
    const upright = b === 0 && c === 0 && a > 0 && size > 0;
    if (text.trim() !== '' && upright) this.#line.push({ text, left, right: left + width, y, size });
    else if (text !== '') this.#line.push(text);
    if (hasEOL) this.#endLine('\n');
  }

  text(): string {
    this.#endLine('');
    return this.#text.join('').replaceAll('\0', '');
  }

  #endLine(end: string): void {
    const places = this.#line.filter((piece) => typeof piece !== 'string');
    const turned = this.#line.some((piece) => typeof piece === 'string' && piece.trim() !== '');
    const text = !turned && runsLeft(places) ? joinedToTheLeft(places) : joinedAsDrawn(this.#line);
    this.#text.push(text, end);
    this.#line = [];
  }
}

/** True if at least half of the letters of the line belong to scripts that run to the left. */
function runsLeft(line: Placed[]): boolean {
  const text = line.map((piece) => piece.text).join('');
  const left = text.match(TO_THE_LEFT)?.length ?? 0;
  return left > 0 && left * 2 >= (text.match(LETTER)?.length ?? 0);
}

/** Joins the pieces from right to left; within them, those that run to the right from left to right. */
function joinedToTheLeft(line: Placed[]): string {
  const ordered: Placed[] = [];
  let toTheRight: Placed[] = [];
  for (const piece of withMarks(line).sort((one, other) => other.left - one.left)) {
    if (/[\p{L}\p{N}]/u.test(piece.text) && piece.text.search(TO_THE_LEFT) < 0) {
      toTheRight.unshift(piece);
    } else {
      ordered.push(...toTheRight, piece);
      toTheRight = [];
    }
  }
  const joined = [...ordered, ...toTheRight].reduce((text, piece, index, all) => {
    const before = all[index - 1];
    const gap = before ? Math.max(piece.left - before.right, before.left - piece.right) : 0;
    const apart = gap > SPACE_WIDTH * piece.size && !/\s$/.test(text) && !/^\s/.test(piece.text);
    return apart ? `${text} ${piece.text}` : text + piece.text;
  }, '');
  // PDF.js puts the space before a letter, although the marks of the letter are drawn before it.
  return joined.replace(/ +(\p{M}+) */gu, '$1 ').trimEnd();
}

/** Joins marks to their letters: marks alone follow their letter, and marks within a piece are drawn before it. */
function withMarks(line: Placed[]): Placed[] {
  const letters: Placed[] = [];
  for (const piece of line) {
    const last = letters.at(-1);
    if (last && /^\p{M}+$/u.test(piece.text)) last.text += piece.text;
    else letters.push({ ...piece, text: piece.text.replace(/^(\p{M}+)(\P{M})/u, '$2$1') });
  }
  return letters;
}

/** Joins the pieces as they are drawn, and separates a piece that begins further left than the text before it. */
function joinedAsDrawn(line: (Placed | string)[]): string {
  const parts: string[] = [];
  /** The text without a gap that ends the line so far. */
  let run: Placed | undefined;
  for (const piece of line) {
    if (typeof piece === 'string') {
      parts.push(piece);
      run = undefined;
      continue;
    }
    if (!run || Math.abs(piece.y - run.y) > LINE_HEIGHT * piece.size) {
      run = piece;
    } else if (isApart(run, piece)) {
      parts.push(' ');
      run = piece;
    } else {
      run = { ...run, left: Math.min(run.left, piece.left), right: Math.max(run.right, piece.right) };
    }
    parts.push(piece.text);
  }
  return parts.join('');
}

/** True if the piece stands left of the run with a gap between them, or begins again at the beginning of the run. */
function isApart(run: Placed, piece: Placed): boolean {
  if (/^\p{M}/u.test(piece.text)) return false;
  const gap = SPACE_WIDTH * piece.size;
  if (piece.right < run.left - gap) return true;
  const over = piece.left <= run.left + gap && piece.right > run.left + gap;
  return over && run.right - run.left > ACCENT_WIDTH * piece.size;
}
