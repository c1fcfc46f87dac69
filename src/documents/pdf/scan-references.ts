// The references in a piece of a PDF, read as tokens and nothing more: which objects begin, and which are named one directly
// behind the other, as the items of an array are. It errs towards seeing more of them than PDF.js will.

/** How often each object is named in one run of references, by its number. */
export type Run = Map<number, number>;

const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 0;
/** ( ) < > [ ] { } / */
const isDelimiter = (byte: number) =>
  byte === 40 ||
  byte === 41 ||
  byte === 60 ||
  byte === 62 ||
  byte === 91 ||
  byte === 93 ||
  byte === 123 ||
  byte === 125 ||
  byte === 47;
const PERCENT = 37;
const MAX_TOKEN_CHARACTERS = 40;

/** Goes on where the piece before ended, also in the middle of a token. */
export class ReferenceScan {
  /** The number of the object that began last. */
  object = 0;
  #token = '';
  #numbers: number[] = [];
  #run: Run = new Map();
  #named = 0;
  /** What stood before a comment. What looks like one may be a part of a string, so it is read all the same. */
  #beforeComment: number[] | undefined;

  /** The runs of two references or more that end in these bytes. */
  *feed(bytes: Uint8Array): Generator<Run> {
    for (const byte of bytes) {
      const space = isSpace(byte);
      if (!space && !isDelimiter(byte) && byte !== PERCENT) {
        if (this.#token.length < MAX_TOKEN_CHARACTERS) this.#token += String.fromCharCode(byte);
        continue;
      }
      if (this.#token !== '' && this.#endToken()) yield* this.end();
      if (byte === PERCENT) this.#beforeComment ??= this.#numbers;
      else if (!space && !this.#beforeComment) yield* this.end();
      if ((byte === 10 || byte === 13) && this.#beforeComment) {
        this.#numbers = this.#beforeComment;
        this.#beforeComment = undefined;
      }
    }
  }

  /** The run under way, which ends here. */
  *end(): Generator<Run> {
    if (this.#named > 1) yield this.#run;
    if (this.#named > 0) this.#run = new Map();
    this.#named = 0;
    this.#numbers = [];
  }

  /** True where the token ends the run. */
  #endToken(): boolean {
    const token = this.#token;
    this.#token = '';
    const [number, generation] = this.#numbers;
    if (/^[+-]*\d*\.?\d*$/.test(token)) {
      this.#numbers = [...this.#numbers, Math.trunc(Number(token.replace(/[+-]/g, '')))].slice(-2);
      return false;
    }
    if (number === undefined || generation === undefined) return !this.#beforeComment;
    if (token === 'R') {
      this.#run.set(number, (this.#run.get(number) ?? 0) + 1);
      this.#named++;
      this.#numbers = [];
      return false;
    }
    if (token === 'obj') this.object = number;
    return !this.#beforeComment;
  }
}
