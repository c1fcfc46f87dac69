// What is on the screen stays true: useLive() loads, and loads again every few seconds while somebody looks, and earlier when
// the feed tells of something that concerns it. refreshAll() asks every part of the page at once, after an action.
import { useEffect, useRef, useState } from 'preact/hooks';
import { now } from './clock.ts';
import { createPace } from './pace.ts';
import { createKept, createStore } from './store.ts';

/** Seconds between refreshes; 0: only when asked. */
export const REFRESH_RATES = [2, 5, 15, 60, 0] as const;

export const refreshSeconds = createKept<number>('refresh', 5, (value) => REFRESH_RATES.includes(value as 5));

/** What the feed tells of a change of a task, as far as the page looks at it. */
export interface TaskEvent {
  task_id: string;
  name: string;
  queue: string;
  workflow_id?: string;
}

/** So often in a row the feed makes a part load at once; then no more often than the chosen rate does. */
const NEWS_AT_ONCE = 3;

const asked = createStore(0);
const told = createStore<{ events: readonly TaskEvent[] | undefined }>({ events: [] });

/** Loads everything on the page again, now. */
export function refreshAll(): void {
  asked.set(asked.get() + 1);
}

/** Loads again what these events concern, everything for undefined; not more often than the chosen rate allows. */
export function refreshFromFeed(events: readonly TaskEvent[] | undefined): void {
  told.set({ events });
}

interface Options {
  /** Load once and no more: for what does not change any longer. */
  off?: boolean;
  /** Seconds, whatever shorter rate is chosen, and without regard to the feed: for what changes slowly or costs much. */
  atMostEvery?: number;
  /** Whether it loads again because of an event of the feed; without it because of any. */
  concerns?(event: TaskEvent): boolean;
}

export interface Live<Data> {
  /** The latest that was loaded; undefined until the first. */
  data: Data | undefined;
  /** Why the latest attempt failed; what was loaded before stays. */
  error: Error | undefined;
  /** What is shown belongs to what was asked for before. */
  stale: boolean;
}

/**
 * Loads when `asks` changes, and again at the chosen rate, or when the feed has news, while the page is visible. A change
 * of `asks` aborts what is under way.
 */
export function useLive<Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  asks: readonly unknown[],
  options: Options = {},
): Live<Data> {
  const [state, setState] = useState<Live<Data>>({ data: undefined, error: undefined, stale: true });
  const latest = useRef({ load, ...options });
  latest.current = { load, ...options };
  const key = JSON.stringify(asks);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: AbortController | undefined;
    let again = false;
    let ended = false;
    const mayHear = createPace(NEWS_AT_ONCE);

    const plan = () => {
      clearTimeout(timer);
      const seconds = refreshSeconds.get();
      if (ended || seconds === 0 || latest.current.off || document.hidden) return;
      timer = setTimeout(run, 1000 * Math.max(seconds, latest.current.atMostEvery ?? 0));
    };
    const run = async () => {
      clearTimeout(timer);
      // One at a time: a slow reply is waited for, and what was asked meanwhile is asked once after it.
      again = running !== undefined;
      if (again) return;
      const control = new AbortController();
      running = control;
      try {
        const data = await latest.current.load(control.signal);
        if (!ended) setState({ data, error: undefined, stale: false });
      } catch (error) {
        if (!ended) setState((before) => ({ ...before, error: asError(error) }));
      }
      running = undefined;
      if (again && !ended) return run();
      plan();
    };
    const seen = () => {
      if (document.hidden) clearTimeout(timer);
      else if (!latest.current.off && refreshSeconds.get() > 0) void run();
    };

    const hear = () => {
      const { events } = told.get();
      const { off, atMostEvery, concerns } = latest.current;
      const seconds = refreshSeconds.get();
      if (off || atMostEvery || seconds === 0 || document.hidden) return;
      // News beyond that are seen with the next refresh, which is no further away.
      if ((!events || !concerns || events.some(concerns)) && mayHear(now(), seconds * 1000)) void run();
    };

    setState((before) => ({ ...before, stale: true }));
    void run();
    document.addEventListener('visibilitychange', seen);
    const unfollow = [asked.follow(() => void run()), told.follow(hear), refreshSeconds.follow(plan)];
    return () => {
      ended = true;
      clearTimeout(timer);
      running?.abort();
      document.removeEventListener('visibilitychange', seen);
      for (const stop of unfollow) stop();
    };
  }, [key]);

  return state;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
