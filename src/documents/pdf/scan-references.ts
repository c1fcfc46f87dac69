// Finds the references in a piece of a PDF by reading only tokens: which objects begin, and which objects are named one
// right after the other, as in an array. In doubt it finds more references than PDF.js does.

/** How often each object, by its number, is named in one run of references. */
export type Run = Map<number, number>;

const isSpace = (byte: number) => byte === 32 || byte === 10 || byte === 13 || byte === 9 || byte === 12 || byte === 0;
/** The bytes ( ) < > [ ] { } / */
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

/** Reads a PDF in pieces. Each piece continues where the one before ended, even in the middle of a token. */
export class ReferenceScan {
  /** The number of the object that began last. */
  object = 0;
  #token = '';
  #numbers: number[] = [];
  #run: Run = new Map();
  #named = 0;
  /** The numbers before a comment. What looks like a comment may be a part of a string, so its tokens are read too. */
  #beforeComment: number[] | undefined;

  /** Yields the runs of at least two references that end in these bytes. */
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

  /** Ends the current run, and yields it if it has at least two references. */
  *end(): Generator<Run> {
    if (this.#named > 1) yield this.#run;
    if (this.#named > 0) this.#run = new Map();
    this.#named = 0;
    this.#numbers = [];
  }

  /** Reads one token. True if the token ends the run. */
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
