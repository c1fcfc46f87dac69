// The time of a firing in what a schedule enqueues: pure.

/**
 * Replaces `{{scheduled_at}}` (the instant, ISO 8601 in UTC) and `{{scheduled_date}}` (its date in the time zone of the schedule,
 * YYYY-MM-DD) in every text of a JSON value. `at`: epoch milliseconds.
 */
export function fillTimes<T>(value: T, at: number, timezone: string): T {
  if (typeof value === 'string') return (value.includes('{{') ? fillText(value, at, timezone) : value) as T;
  if (Array.isArray(value)) return value.map((each: unknown) => fillTimes(each, at, timezone)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, fillTimes(each, at, timezone)])) as T;
}

function fillText(text: string, at: number, timezone: string): string {
  return text
    .replaceAll('{{scheduled_at}}', () => new Date(at).toISOString())
    .replaceAll('{{scheduled_date}}', () => dateIn(timezone, at));
}

/** Sweden writes dates as ISO 8601 does. */
function dateIn(timeZone: string, at: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}
