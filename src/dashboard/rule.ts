// Writes the rule of a schedule in words.
import cronstrue from 'cronstrue';
import { plural } from './format.ts';

/** A cron expression → `At 09:00, only on Monday`. Undefined if the expression is not valid. */
export function cronInWords(cron: string): string | undefined {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true });
  } catch {
    return undefined;
  }
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** Seconds → `Every minute`, `Every 90 seconds`: in the largest unit that divides them. Undefined unless it is above 0. */
export function everyInWords(seconds: number): string | undefined {
  const [size, unit] = UNITS.find(([length]) => seconds % length === 0) ?? [1, 'second'];
  const times = seconds / size;
  return times > 0 ? `Every ${times === 1 ? unit : plural(times, unit)}` : undefined;
}
