// The one table of the bench: what a row is, how a ratio is built, how the table and the goals are shown. Must never
// measure anything.

export interface Row {
  readonly what: string;
  readonly errand: string;
  /** The peer, or another measurement of Errand, with its value. */
  readonly beside: string;
  readonly ratio: string;
  /** A few words; bench/README.md has the rest. */
  readonly how: string;
  readonly goal?: Goal;
  /** Why there is no value: a peer is not installed, or something broke. */
  readonly unmeasured?: 'skipped' | 'failed';
}

export interface Goal {
  readonly wanted: string;
  readonly got: string;
  readonly met: boolean;
}

export interface Comparison {
  readonly what: string;
  readonly unit: 's' | 'ms' | 'requests/s' | 'tasks/s' | 'MiB';
  readonly errand: number;
  readonly peer: string;
  readonly value: number;
  readonly how: string;
  /** The least ratio wanted. */
  readonly goal?: number;
  /** Shown instead of `≥ goal ×`. */
  readonly goalText?: string;
}

export interface Measurement {
  readonly what: string;
  readonly unit?: string;
  readonly value: number;
  readonly how: string;
  /** The largest value wanted. */
  readonly most?: number | undefined;
  /** Something of the same unit to compare with: a smaller case, or a limit of the platform. */
  readonly beside?: { readonly name: string; readonly value: number };
  /** Of the value to that beside it, where it was measured itself. Default: their quotient. */
  readonly ratio?: number;
  /** The largest ratio wanted. */
  readonly mostRatio?: number;
}

const NONE = '–';

/** Errand beside a peer. The ratio says how many times as good Errand is: more requests a second, less time or memory. */
export function compare(c: Comparison): Row {
  const ratio = c.unit.endsWith('/s') ? c.errand / c.value : c.value / c.errand;
  const got = `${figures(ratio)} ×`;
  return {
    what: c.what,
    errand: amount(c.errand, c.unit),
    beside: `${c.peer}: ${amount(c.value, c.unit)}`,
    ratio: got,
    how: c.how,
    ...(c.goal !== undefined && { goal: { wanted: c.goalText ?? `≥ ${c.goal} ×`, got, met: ratio >= c.goal } }),
  };
}

/** Errand alone. */
export function measure({ what, unit = '', value, how, most, beside, mostRatio, ...measured }: Measurement): Row {
  const got = amount(value, unit);
  const ratio = beside && (measured.ratio ?? value / beside.value);
  const goal =
    ratio !== undefined && mostRatio !== undefined
      ? { wanted: `≤ ${figures(mostRatio)} of it`, got: `${figures(ratio)} of it`, met: ratio <= mostRatio }
      : most !== undefined && { wanted: `≤ ${amount(most, unit)}`, got, met: value <= most };
  return {
    what,
    errand: got,
    beside: beside ? `${beside.name}: ${amount(beside.value, unit)}` : NONE,
    ratio: ratio === undefined ? NONE : `${figures(ratio)} of it`,
    how,
    ...(goal && { goal }),
  };
}

/** A row without a value, because a peer is not installed or because something broke. */
export function unmeasured(what: string, why: string, state: 'skipped' | 'failed'): Row {
  return { what, errand: NONE, beside: why, ratio: NONE, how: NONE, unmeasured: state };
}

/** The table as it is written into the README. */
export function markdown(rows: readonly Row[]): string {
  const head = ['what', 'Errand', 'beside', 'ratio', 'how measured'];
  const cells = rows.map((row) => [row.what, row.errand, row.beside, row.ratio, row.how]);
  return [head, head.map(() => '---'), ...cells].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The table for a terminal, in columns. */
export function plain(rows: readonly Row[]): string {
  const head = ['what', 'Errand', 'beside', 'ratio'];
  const lines = [head, ...rows.map((row) => [row.what, row.errand, row.beside, row.ratio])];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

/** The goals that are met, those that are not, and the rows without a value. */
export function goals(rows: readonly Row[]): string {
  const withGoal = rows.flatMap((row) => (row.goal ? [{ ...row.goal, row }] : []));
  const line = ({ row, wanted, got }: Goal & { row: Row }) => `  ${titleOf(row)}: wanted ${wanted}, got ${got}`;
  const met = withGoal.filter((goal) => goal.met).map(line);
  const missed = withGoal.filter((goal) => !goal.met).map(line);
  const open = rows.flatMap((row) => (row.unmeasured ? [`  ${row.what}: ${row.beside} (${row.unmeasured})`] : []));
  return [
    `${met.length} of ${withGoal.length} goals are met.`,
    ...(met.length > 0 ? ['Met:', ...met] : []),
    ...(missed.length > 0 ? ['Not met:', ...missed] : []),
    ...(open.length > 0 ? ['Not measured:', ...open] : []),
  ].join('\n');
}

/** With the peer, for two rows may measure the same beside two peers. */
function titleOf({ what, beside }: Row): string {
  return beside === NONE ? what : `${what}, beside ${beside.split(':')[0]}`;
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
  return unit === '' ? figures(value) : `${figures(value)} ${unit}`;
}
