// Formats the output of the scripts: colours, a progress line, aligned columns, durations.
import { stripVTControlCharacters, styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours `text` if `stream` is a terminal and NO_COLOR is not set. */
export function style(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream });
}

/** A progress line. A terminal rewrites it in place; otherwise it is printed at most every `everyMs` milliseconds. */
export class LiveLine {
  private shown = '';
  private printedAt = performance.now();
  private readonly everyMs: number;

  constructor(everyMs = 3000) {
    this.everyMs = everyMs;
  }

  show(text: string): void {
    if (process.stdout.isTTY) {
      const columns = process.stdout.columns || 80;
      this.shown = text;
      process.stdout.write(`\r\x1b[2K${cut(text, columns - 1)}`);
    } else if (text !== this.shown && performance.now() - this.printedAt >= this.everyMs) {
      this.shown = text;
      this.printedAt = performance.now();
      process.stdout.write(`${text}\n`);
    }
  }

  /** Replaces the progress line by a permanent line. */
  print(text: string): void {
    this.clear();
    process.stdout.write(`${text}\n`);
  }

  clear(): void {
    if (process.stdout.isTTY && this.shown) process.stdout.write('\r\x1b[2K');
    this.shown = '';
  }
}

/** Aligns rows in columns, with two spaces between them. The cells may contain colour codes. */
export function columns(rows: string[][]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, visible(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - visible(cell))))
      .join('  ')
      .trimEnd(),
  );
}

/** `850 ms`, `12.3 s`, `2 min 05 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')} s`;
}

function visible(text: string): number {
  return stripVTControlCharacters(text).length;
}

// Cuts a line that is too long for the terminal, because a wrapped line cannot be rewritten. A cut line loses its colours.
function cut(text: string, width: number): string {
  return visible(text) <= width ? text : `${stripVTControlCharacters(text).slice(0, width - 1)}…`;
}
