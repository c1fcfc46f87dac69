// Breaks text into lines that fit a width: at spaces and after hyphens. A word that is wider than a line is cut.

/**
 * The lines of a text. A line feed begins a new line; an empty text is one empty line.
 * `widthOf` must measure in the unit of `maxWidth`.
 */
export function wrap(text: string, maxWidth: number, widthOf: (text: string) => number): string[] {
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, maxWidth, widthOf));
}

function wrapParagraph(text: string, maxWidth: number, widthOf: (text: string) => number): string[] {
  if (widthOf(text) <= maxWidth) return [text.trimEnd()];
  const lines: string[] = [];
  let line = '';
  let width = 0;
  const flush = () => {
    lines.push(line.trimEnd());
    line = '';
    width = 0;
  };
  for (const word of text.split(/(?<= )(?! )|(?<=[^\s-]-)(?=\p{L})/u)) {
    // Spaces at the end of a line may go beyond its width.
    const needed = widthOf(word.trimEnd());
    if (width + needed > maxWidth && line !== '') flush();
    if (needed <= maxWidth) {
      line += word;
      width += widthOf(word);
      continue;
    }
    for (const character of word) {
      const advance = widthOf(character);
      if (width + advance > maxWidth && line !== '') flush();
      line += character;
      width += advance;
    }
  }
  flush();
  return lines;
}
