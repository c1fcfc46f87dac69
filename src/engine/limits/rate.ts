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
  if (limit === undefined || Number(limit) < 1) throw new Error(`"${text}" is no rate: write 10/s, 100/m or 3/h`);
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

/** `count` slots behind `next`, the first free one so far (epoch milliseconds), and the first free one after them. */
export function reserveSlots(
  next: number,
  now: number,
  count: number,
  spacing: number,
): { first: number; next: number } {
  const first = Math.max(next, now);
  return { first, next: first + count * spacing };
}
