// What is on the screen stays true: useLive() loads, and loads again every few seconds while somebody looks. refreshAll()
// asks every part of the page at once; whatever learns of a change (an action, a live feed) calls it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { createKept, createStore } from './store.ts';

/** Seconds between refreshes; 0: only when asked. */
export const REFRESH_RATES = [2, 5, 15, 60, 0] as const;

export const refreshSeconds = createKept<number>('refresh', 5, (value) => REFRESH_RATES.includes(value as 5));

const asked = createStore(0);

/** Loads everything on the page again, now. */
export function refreshAll(): void {
  asked.set(asked.get() + 1);
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
 * Loads when `asks` changes, and again at the chosen rate while the page is visible. A change of `asks` aborts what is
 * under way. `off`: load once and no more, for what does not change any longer.
 */
export function useLive<Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  asks: readonly unknown[],
  options: { off?: boolean; atMostEvery?: number } = {},
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
        if (!ended) setState((before) => ({ ...before, error: asError(error), stale: false }));
      }
      running = undefined;
      if (again && !ended) return run();
      plan();
    };
    const seen = () => {
      if (document.hidden) clearTimeout(timer);
      else if (!latest.current.off && refreshSeconds.get() > 0) void run();
    };

    setState((before) => ({ ...before, stale: true }));
    void run();
    document.addEventListener('visibilitychange', seen);
    const unfollow = [asked.follow(() => void run()), refreshSeconds.follow(plan)];
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
