// Joins the pieces of text of a page. PDF.js sets the spaces of text that runs to the right; this sets those of text that runs to
// the left, whose pieces stand one left of the other, and separates a piece that begins anew further left.

/** A piece of text of PDF.js, as far as it is used here. */
export interface Piece {
  str: string;
  hasEOL: boolean;
  /** In the units of the page. */
  width: number;
  transform: number[];
}

/** A wider gap between two pieces is a space, in font sizes. */
const SPACE_WIDTH = 0.15;
/** A piece that is further above or below than this stands on another line, in font sizes. */
const LINE_HEIGHT = 0.5;
/** A piece over the beginning of a run that is wider than this is other text; over a narrower one it may be an accent. */
const ACCENT_WIDTH = 1.2;

/** Text without a gap: its ends and its baseline. */
interface Run {
  left: number;
  right: number;
  y: number;
}

export class PieceJoiner {
  #parts: string[] = [];
  /** Ends the line so far; undefined at the beginning of a line and after a space. */
  #run: Run | undefined;

  add({ str, hasEOL, width, transform }: Piece): void {
    const [a = 0, b = 0, c = 0, d = 0, x = 0, y = 0] = transform;
    // Pieces can be compared by their horizontal positions only if the text is not turned.
    const upright = b === 0 && c === 0 && a > 0 && d > 0;
    if (str.trim() === '' || !upright) this.#run = undefined;
    else this.#extend({ left: x, right: x + width, y }, str, d);
    this.#parts.push(hasEOL ? `${str}\n` : str);
    if (hasEOL) this.#run = undefined;
  }

  text(): string {
    return this.#parts.join('').replaceAll('\0', '');
  }

  /** Adds the piece to the run, or begins another run after a space. `size`: of the font. */
  #extend(piece: Run, text: string, size: number): void {
    const run = this.#run;
    if (!run || Math.abs(piece.y - run.y) > LINE_HEIGHT * size) {
      this.#run = piece;
    } else if (!/^\p{M}/u.test(text) && isApart(run, piece, size)) {
      this.#parts.push(' ');
      this.#run = piece;
    } else {
      this.#run = { left: Math.min(run.left, piece.left), right: Math.max(run.right, piece.right), y: run.y };
    }
  }
}

/** True if the piece stands left of the run with a gap between them, or begins again at the beginning of the run. */
function isApart(run: Run, piece: Run, size: number): boolean {
  const gap = SPACE_WIDTH * size;
  if (piece.right < run.left - gap) return true;
  const over = piece.left <= run.left + gap && piece.right > run.left + gap;
  return over && run.right - run.left > ACCENT_WIDTH * size;
}
