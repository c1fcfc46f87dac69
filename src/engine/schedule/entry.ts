// A schedule's rule and its times: pure, except that the cron library reads time zones.
import { Cron } from 'croner';
import { z } from 'zod';

/** UTC needs no data of time zones. To load them takes a tenth of the Worker's start, which reads the schedules in code. */
const UTC = 'UTC';
const TEN_YEARS_SECONDS = 10 * 365 * 86_400;
/** The sweep runs once a minute; the times of a rule that fires more often are enqueued a minute ahead. */
export const SWEEP_SECONDS = 60;

export const ScheduleTimes = z
  .strictObject({
    /** Five fields, as crontab(5): names, ranges, steps, lists; Sunday is 0 or 7. Or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. */
    cron: z.string().max(200).optional(),
    /**
     * Of a cron line whose day of month and weekday are both restricted: `both` must match, or `either` suffices, as in
     * crontab(5). Default `either`. A day field that begins with `*` is not restricted; then both must match anyway.
     */
    day: z.enum(['either', 'both']).optional(),
    /** Seconds between two firings, from the moment the schedule is made. */
    every: z.int().min(1).max(TEN_YEARS_SECONDS).optional(),
    /** An IANA name; cron times are local times there. Default UTC. */
    timezone: z.string().max(100).default('UTC'),
    /** Times that passed without firing: the latest one fires, none, or all. Default `latest`. */
    catchup: z.enum(['latest', 'none', 'all']).default('latest'),
    /** `skip`: a firing is left out while the task of the one before is unfinished. Default `allow`. */
    overlap: z.enum(['skip', 'allow']).default('allow'),
    /** Each firing is delayed by a random time of up to this many seconds. Default 0. */
    jitterSeconds: z.int().min(0).max(86_400).default(0),
  })
  .superRefine((times, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: 'custom', path: [field], message });
    if ((times.cron === undefined) === (times.every === undefined)) return refuse('cron', 'give either cron or every');
    if (times.every !== undefined && times.every < SWEEP_SECONDS && times.overlap === 'skip') {
      return refuse('overlap', `"skip" needs at least ${SWEEP_SECONDS} seconds between firings`);
    }
    if (!isTimeZone(times.timezone))
      return refuse('timezone', `"${times.timezone}" is not a time zone; use an IANA name such as Europe/Berlin`);
    if (times.cron === undefined) return;
    const fault = cronFault({ ...times, cron: times.cron });
    if (fault) refuse('cron', fault);
  });

export type ScheduleTimes = z.output<typeof ScheduleTimes>;

/** A workflow as a schedule keeps it. `root` and `onError`: as workflow/stored.ts writes them. */
export interface ScheduledWorkflow {
  root: object;
  onError?: object | undefined;
  /** Default: the name of the schedule. */
  name?: string | undefined;
  tags?: string[] | undefined;
  /** As its caller wrote it over HTTP. */
  request?: unknown;
}

/** What a schedule enqueues, a task or a workflow, and when. */
export interface ScheduleEntry extends ScheduleTimes {
  task?: string | undefined;
  input?: unknown;
  workflow?: ScheduledWorkflow | undefined;
}

/** A schedule as it stands in code beside its task. */
export type ScheduleRule<Input> = z.input<typeof ScheduleTimes> & {
  /** Default {}. `{{scheduled_at}}` and `{{scheduled_date}}` in a text become the time and the date of the firing. */
  input?: Input;
  /** Enqueues this workflow instead of the task. Called once, when the Worker starts. */
  workflow?: () => { readonly node: object };
};

type CronTimes = Pick<ScheduleTimes, 'timezone' | 'day'> & { cron: string };

/** A line that never fires, or not within ten years, is a mistake as well. */
function cronFault(times: CronTimes): string | undefined {
  const { cron } = times;
  // The library also reads six fields, and instants.
  if (!/^(@[a-z]+|\S+(\s+\S+){4})$/i.test(cron.trim()))
    return `"${cron}" is not a cron line: it does not have five fields`;
  const [, , dayOfMonth, month] = cron.trim().split(/\s+/);
  try {
    const line = parse(times);
    // Such a line fires at least four times a year. To look for its next time would take a twentieth of the Worker's start.
    if (dayOfMonth === '*' && month === '*') return undefined;
    return line.nextRun() ? undefined : `"${cron}" never fires`;
  } catch (error) {
    return `"${cron}" is not a cron line: ${error instanceof Error ? sayFault(error.message) : 'unreadable'}`;
  }
}

/** The library counts days and months from 0 in its messages. */
function sayFault(message: string): string {
  return message
    .replace(/^CronPattern: /, '')
    .replace(/^(Invalid value for (?:day|month): )(-?\d+)$/, (_, words, value) => `${words}${Number(value) + 1}`);
}

function isTimeZone(name: string): boolean {
  if (name === UTC) return true;
  if (/^[+-]/.test(name)) return false; // An offset has no daylight saving time.
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** A fixed time in the hour that spring skips fires right after that hour; in the hour that autumn repeats it fires once. */
function parse({ cron, timezone, day }: CronTimes): Cron {
  const [, , dayOfMonth = '', , weekday = ''] = cron.trim().split(/\s+/);
  const isFree = (field: string) => field.startsWith('*');
  const domAndDow = day === 'both' || isFree(dayOfMonth) || isFree(weekday);
  const place = timezone === UTC ? { utcOffset: 0 } : { timezone };
  return new Cron(cron, { ...place, mode: '5-part', fixedTimeRule: 'no-wildcard', domAndDow });
}

/** The first time after `after`, epoch milliseconds; undefined when there is none. */
export function nextTime(times: ScheduleTimes, after: number, anchor: number): number | undefined {
  if (times.every !== undefined) {
    const step = times.every * 1000;
    return anchor + Math.max(1, Math.floor((after - anchor) / step) + 1) * step;
  }
  const { cron } = times;
  return cron === undefined
    ? undefined
    : parse({ ...times, cron })
        .nextRun(new Date(after))
        ?.getTime();
}

/** The next `count` times after `after`. */
export function nextTimes(times: ScheduleTimes, after: number, anchor: number, count: number): number[] {
  const found: number[] = [];
  for (let at = nextTime(times, after, anchor); at !== undefined && found.length < count; ) {
    found.push(at);
    at = nextTime(times, at, anchor);
  }
  return found;
}

export interface DueTimes {
  /** The times to enqueue a task for, in ascending order. */
  fire: number[];
  /** The first time after these; undefined: there is none. */
  next: number | undefined;
  /** Due times that `catchup` leaves out. Of a cron line at most MAX_COUNTED of a long past are counted. */
  dropped: number;
}

/** A time less far in the past is not missed, only noticed late. */
const LATE_MS = 5 * 60_000;
const MAX_FIRINGS = 1000;
const MAX_COUNTED = 1000;

/**
 * The times from `next` on that are due at `now`. `catchup` decides about missed ones. A rule that fires more often than the
 * sweep runs also gets the times of the coming minute. At most 1,000 at once; the rest follows with the next sweep.
 */
export function dueTimes(times: ScheduleTimes, next: number, now: number, anchor: number): DueTimes {
  const ahead = times.every !== undefined && times.every < SWEEP_SECONDS ? SWEEP_SECONDS * 1000 : 0;
  const step = (at: number) => nextTime(times, at, anchor);
  let at: number | undefined = next;
  let dropped = 0;
  // Without `all`, a long past need not be walked through.
  if (times.catchup !== 'all' && next < now - LATE_MS) {
    at = step(now - LATE_MS);
    dropped = countTimes(times, next, now - LATE_MS, anchor);
    const isRecent = at !== undefined && at <= now;
    if (times.catchup === 'latest' && !isRecent)
      return { fire: [latestTime(times, next, now, anchor)], next: at, dropped: dropped - 1 };
  }
  const passed: number[] = [];
  const coming: number[] = [];
  while (at !== undefined && at <= now + ahead && passed.length + coming.length < MAX_FIRINGS) {
    (at <= now ? passed : coming).push(at);
    at = step(at);
  }
  const late = times.catchup === 'all' ? passed : passed.slice(-1);
  return { fire: [...late, ...coming], next: at, dropped: dropped + passed.length - late.length };
}

/** How many times there are from `from`, which is one, to `until`. */
function countTimes(times: ScheduleTimes, from: number, until: number, anchor: number): number {
  if (times.every !== undefined) return Math.floor((until - from) / (times.every * 1000)) + 1;
  let count = 0;
  for (let at: number | undefined = from; at !== undefined && at <= until && count < MAX_COUNTED; count++)
    at = nextTime(times, at, anchor);
  return count;
}

/** The last time at or before `now`, not before `from`. */
function latestTime(times: ScheduleTimes, from: number, now: number, anchor: number): number {
  if (times.every !== undefined) {
    const step = times.every * 1000;
    return Math.max(from, anchor + Math.floor((now - anchor) / step) * step);
  }
  const { cron } = times;
  const [previous] = cron === undefined ? [] : parse({ ...times, cron }).previousRuns(1, new Date(now + 1));
  return Math.max(from, previous?.getTime() ?? from);
}
