// Spans of time as Cloudflare Workflows writes them: milliseconds, or a number and a unit.

const MS = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 7 * 86_400_000,
  month: 30 * 86_400_000,
  year: 365 * 86_400_000,
} as const;

type Unit = keyof typeof MS;

/** Milliseconds, or a text such as `30 seconds`, `1 hour`, `10 years`. A month has 30 days and a year 365, as in Cloudflare Workflows. */
export type Duration = number | `${number} ${Unit}` | `${number} ${Unit}s`;

/** The longest a step may sleep or wait. */
export const MAX_DURATION_MS = 10 * MS.year;

const FORM = /^(\d+(?:\.\d+)?) (second|minute|hour|day|week|month|year)s?$/;

/** Whole milliseconds. Throws RangeError for another form, a negative span, and more than ten years. */
export function toMs(duration: Duration): number {
  const ms = typeof duration === 'number' ? duration : parse(duration);
  if (!(ms >= 0 && ms <= MAX_DURATION_MS))
    throw new RangeError(
      `the duration ${JSON.stringify(duration)} is neither 0 to ten years in milliseconds nor a text such as "30 seconds"`,
    );
  return Math.round(ms);
}

function parse(text: string): number {
  const [, count, unit] = text.match(FORM) ?? [];
  return count === undefined ? Number.NaN : Number(count) * MS[unit as Unit];
}
