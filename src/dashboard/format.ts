// Writes times, durations, sizes and numbers as short English text.

const integers = new Intl.NumberFormat('en');

export function count(value: number): string {
  return integers.format(value);
}

/** `1 task`, `3 tasks`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Milliseconds → `840 ms`, `2.4 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return pair(whole, 60, 'min', 1, 's');
  if (whole < 86_400) return pair(whole, 3600, 'h', 60, 'min');
  return pair(whole, 86_400, 'd', 3600, 'h');
}

function pair(seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeUnit}${rest > 0 ? ` ${rest} ${smallUnit}` : ''}`;
}

/** An instant beside another → `just now`, `12 s ago`, `in 3 min`, `5 d ago`. */
export function relative(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 2) return 'just now';
  const [value, unit] =
    distance < 60
      ? [distance, 's']
      : distance < 3600
        ? [Math.floor(distance / 60), 'min']
        : distance < 86_400
          ? [Math.floor(distance / 3600), 'h']
          : [Math.floor(distance / 86_400), 'd'];
  return seconds > 0 ? `in ${value} ${unit}` : `${value} ${unit} ago`;
}

const local = new Intl.DateTimeFormat('en-GB', {
  ...{ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  ...{ timeZoneName: 'short' },
});

/** The time in the reader's own zone, and in UTC: `24 Nov 2026, 14:05:11 CET · 13:05:11.482 UTC`. */
export function absolute(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return `${local.format(date)} · ${date.toISOString().slice(11, 23)} UTC`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 });

/** US dollars → `$0.0000092`, `$1.3`, `$0`. */
export function usd(value: number): string {
  return dollars.format(value);
}

/** 0 to 1 → `0 %`, `0.4 %`, `12 %`. */
export function percent(share: number): string {
  const value = share * 100;
  return value === 0 || value >= 10 ? `${Math.round(value)} %` : `${value.toFixed(1)} %`;
}

/** The random end of a UUIDv7. Its beginning is a timestamp, so ids of the same moment begin with the same digits. */
export function shortId(id: string): string {
  return id.slice(-8);
}
