// The one table of the bench: what a row is, how a ratio is built and how the table looks. Must never measure anything.

export interface Row {
  readonly what: string;
  readonly errand: string;
  /** The peer or the budget, with its value. */
  readonly beside: string;
  readonly ratio: string;
  readonly goal: string;
  readonly met: 'met' | 'NOT MET' | 'skipped' | 'failed' | '–';
}

export interface Comparison {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'requests/s' | 'MiB';
  readonly errand: number;
  readonly peer: string;
  readonly value: number;
  /** The least ratio wanted. */
  readonly goal?: number;
  /** Said in the goal's column instead of `≥ goal ×`. */
  readonly goalText?: string;
}

const NONE = '–';
const HEAD = ['what', 'Errand', 'beside', 'ratio', 'goal', 'verdict'];

/** Errand beside a peer. The ratio says how many times as good Errand is: more requests a second, less time or memory. */
export function compare(c: Comparison): Row {
  const ratio = c.unit === 'requests/s' ? c.errand / c.value : c.value / c.errand;
  return {
    what: c.what,
    errand: amount(c.errand, c.unit),
    beside: `${c.peer}: ${amount(c.value, c.unit)}`,
    ratio: `${figures(ratio)} ×`,
    goal: c.goalText ?? (c.goal === undefined ? NONE : `≥ ${c.goal} ×`),
    met: c.goal === undefined ? NONE : verdict(ratio >= c.goal),
  };
}

/** Errand beside a budget, which is a most. */
export function budget(what: string, value: number, most: number | undefined, unit = ''): Row {
  const suffix = unit && ` ${unit}`;
  return {
    what,
    errand: figures(value) + suffix,
    beside: most === undefined ? NONE : `budget: ${most}${suffix}`,
    ratio: most === undefined ? NONE : `${figures(value / most)} of it`,
    goal: most === undefined ? NONE : `≤ ${most}${suffix}`,
    met: most === undefined ? NONE : verdict(value <= most),
  };
}

/** A row that has no peer to stand beside, because it is not installed or because something broke. */
export function unmeasured(what: string, why: string, met: 'skipped' | 'failed'): Row {
  return { what, errand: NONE, beside: why, ratio: NONE, goal: NONE, met };
}

export function markdown(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.what, row.errand, row.beside, row.ratio, row.goal, row.met]);
  return [HEAD, HEAD.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The table for a terminal: the same, in columns. */
export function plain(rows: readonly Row[]): string {
  const lines = [HEAD, ...rows.map((row) => [row.what, row.errand, row.beside, row.ratio, row.goal, row.met])];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

/** One plain sentence: how many goals are met, and which are not. */
export function summary(rows: readonly Row[]): string {
  const missed = rows.filter((row) => row.met === 'NOT MET');
  const met = rows.filter((row) => row.met === 'met').length;
  const names = missed.map((row) => `${row.what} (${row.goal}, got ${row.ratio})`).join('; ');
  const open = rows.filter((row) => row.met === 'skipped' || row.met === 'failed').length;
  const unknown = open > 0 ? ` ${open} rows could not be measured.` : '';
  return `${met} of ${met + missed.length} goals met.${missed.length > 0 ? ` Not met: ${names}.` : ''}${unknown}`;
}

/** The middle value; of an even number the lower one of the two. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new Error('no values');
  return value;
}

/** Three significant figures, and whole numbers from 100 up. */
export function figures(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return `${Number(value.toPrecision(3))}`;
}

function amount(value: number, unit: string): string {
  return `${figures(value)} ${unit}`;
}

function verdict(met: boolean): 'met' | 'NOT MET' {
  return met ? 'met' : 'NOT MET';
}
