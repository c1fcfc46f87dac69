// A rate limit and its arithmetic: pure. Slots are instants, one per task, at equal distances (GCRA with a burst of one).
// A task starts at its slot or up to a tolerance later; the distance is widened by as much, so that no window of the
// limit's length holds more than the limit and one.

export interface Rate {
  limit: number;
  windowMs: number;
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000 };
const TOLERANCE = 0.05;
const MAX_TOLERANCE_MS = 2000;

/** Celery's notation: `100/m`, `10/s`, `3/h`; a number alone is per second. Throws a plain Error for anything else. */
export function parseRate(text: string): Rate {
  const [, limit, unit = 's'] = text.match(/^(\d+)(?:\/([smh]))?$/) ?? [];
  if (limit === undefined || Number(limit) < 1) throw new Error(`"${text}" is not a rate. Write 10/s, 100/m or 3/h`);
  return { limit: Number(limit), windowMs: UNITS_MS[unit as keyof typeof UNITS_MS] };
}

/** How long after its slot a task may still start, in milliseconds; later it needs another. */
export function toleranceMs({ windowMs }: Rate): number {
  return Math.min(MAX_TOLERANCE_MS, windowMs * TOLERANCE);
}

/** Milliseconds between two slots. */
export function spacingMs(rate: Rate): number {
  return (rate.windowMs + toleranceMs(rate)) / rate.limit;
}

/** The line before a rate-limited definition. All instants: epoch milliseconds. */
export interface Line {
  /** The first slot that is not taken. */
  next: number;
  /** The estimated end of the line, with all tasks that were told to come back. */
  tail: number;
  /** The distance of slots when `tail` was computed. */
  spacing: number;
}

export interface Asking {
  count: number;
  spacing: number;
  now: number;
  /** Slots later than this are of no use to the caller. */
  until: number;
  /** They were told to come back, and go first. New tasks stand at the end of the line. */
  returning: boolean;
  /** They start at once, in one batch: all of them at the first of their slots, or none. */
  together?: boolean;
}

export interface Answer {
  /** How many tasks have a slot: at `first`, and each `spacing` later. */
  granted: number;
  first: number;
  /** When the others may come back: at this time, and each `spacing` later. Not promised. */
  later: number;
}

/** When no task took a slot for this long, although one was expected, the expected tasks are not coming. */
const IDLE_MS = 3000;

/**
 * Gives slots, but only near ones: a slot far ahead would be lost with a late message or a revoked task. A task without a slot
 * is told when its turn is likely, and asks again then. New ones stand at the end of the line, so each is told once.
 */
export function takeSlots(
  line: Line,
  { count, spacing, now, until, returning, together = false }: Asking,
): { line: Line; answer: Answer } {
  const idle = now - line.next > Math.max(IDLE_MS, 2 * spacing);
  const ahead = idle ? 0 : Math.max(0, line.tail - line.next) * (spacing / line.spacing);
  const tail = line.next + ahead;
  const first = Math.max(line.next, now);
  const mayStart = returning || tail <= until;
  const near = Math.max(0, Math.floor((until - first) / spacing) + 1);
  const granted = mayStart && near > 0 ? (together ? count : Math.min(count, near)) : 0;
  const next = granted > 0 ? first + granted * spacing : line.next;
  const later = returning ? Math.max(next, now) : Math.max(tail, next, now);
  const end = Math.max(tail, next, later + (count - granted) * spacing);
  return { line: { next, tail: end, spacing }, answer: { granted, first, later } };
}

/** The line without `count` tasks that will not come back. */
export function shorten(line: Line, count: number): Line {
  return { ...line, tail: Math.max(line.next, line.tail - count * line.spacing) };
}
