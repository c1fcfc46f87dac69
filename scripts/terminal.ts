// What the scripts print: colours only on a terminal that wants them, one live line that is rewritten, durations.
import { stripVTControlCharacters, styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours `text` when `stream` is a terminal and NO_COLOR is not set. */
export function style(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream });
}

/** One line that says where things stand: rewritten in place on a terminal, else a plain line every few seconds. */
export class LiveLine {
  private shown = '';
  private printedAt = performance.now();
  private readonly everyMs: number;

  constructor(everyMs = 3000) {
    this.everyMs = everyMs;
  }

  /** Shows `text` now (terminal), or at most every few seconds (anything else). */
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

  /** Removes the live line and prints `text` for good in its place. */
  print(text: string): void {
    this.clear();
    process.stdout.write(`${text}\n`);
  }

  clear(): void {
    if (process.stdout.isTTY && this.shown) process.stdout.write('\r\x1b[2K');
    this.shown = '';
  }
}

/** Rows as aligned columns, two spaces between; `rows` may carry colours. */
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

// Cuts a line that would wrap (a wrapped line cannot be rewritten). Colours are given up for it.
function cut(text: string, width: number): string {
  return visible(text) <= width ? text : `${stripVTControlCharacters(text).slice(0, width - 1)}…`;
}
