// The text of a cell or of a shared string: of all its runs, without the readings that stand above Japanese words.

export interface TextReader {
  open(name: string): void;
  text(text: string): void;
  close(name: string): void;
  /** The text since the last call. */
  take(): string;
}

export function createTextReader(): TextReader {
  let text = '';
  let inText = false;
  let phonetic = false;
  return {
    open(name) {
      if (name === 't') inText = !phonetic;
      else if (name === 'rPh') phonetic = true;
    },
    text(piece) {
      if (inText) text += piece;
    },
    close(name) {
      if (name === 't') inText = false;
      else if (name === 'rPh') phonetic = false;
    },
    take() {
      const taken = unescaped(text);
      text = '';
      return taken;
    },
  };
}

/** `_x000D_` is a character that XML does not allow, and `_x005F_` is an underscore that would look like such a one. */
export function unescaped(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
