// Keeps the data of a page current. useLive() loads at the chosen rate while the page is visible, and earlier when the live
// feed has an update that concerns it. refreshAll() makes every part of the page load again, for example after an action.
// Lists stand still while they are used (parts/still.tsx), so loading again does not mean that rows move.
import { useEffect, useRef, useState } from 'preact/hooks';
import { now } from './clock.ts';
import { createPace } from './pace.ts';
import { createKept, createStore } from './store.ts';

/** Seconds between refreshes. 0: paused. */
export const REFRESH_RATES = [2, 5, 15, 60, 0] as const;

export const refreshSeconds = createKept<number>('refresh', 5, (value) => REFRESH_RATES.includes(value as 5));

/** An update of the live feed: the fields that the page uses. */
export interface TaskUpdate {
  task_id: string;
  name: string;
  queue: string;
  workflow_id?: string;
  /** The news is that a step of the task was recorded. */
  step?: object;
}

/** Updates may trigger this many loads in a row without delay; after that, one per refresh interval. */
const UPDATE_BURST = 3;

/** Counts requests, so that each of them is noticed. */
const refreshRequests = createStore(0);
/** How often the reader asked for the latest data. */
let timesAsked = 0;
const latestUpdates = createStore<{ updates: readonly TaskUpdate[] | undefined }>({ updates: [] });

/** Makes every part of the page load again now, because the reader asked for it: lists then show what is new. */
export function refreshAll(): void {
  timesAsked++;
  reloadAll();
}

/** Makes every part of the page load again now. Lists that stand still keep their rows. */
export function reloadAll(): void {
  refreshRequests.set(refreshRequests.get() + 1);
}

/** Makes the parts that these updates concern load again; `undefined` concerns every part. UPDATE_BURST limits how often. */
export function refreshFromFeed(updates: readonly TaskUpdate[] | undefined): void {
  latestUpdates.set({ updates });
}

interface Options {
  /** Load only once: for data that does not change. */
  off?: boolean;
  /** Seconds. Overrides a shorter refresh rate and ignores the feed: for data that changes slowly or is expensive to load. */
  atMostEvery?: number;
  /** Whether an update makes this part load again. Default: every update does. */
  concerns?(update: TaskUpdate): boolean;
  /** Updates about steps count, too. Lists do not show steps. */
  showsSteps?: boolean;
}

export interface Live<Data> {
  /** The latest loaded data; undefined until the first load has succeeded. */
  data: Data | undefined;
  /** Why the latest load failed. `data` keeps the result of an earlier load. */
  error: Error | undefined;
  /** True if `data` was loaded for earlier `dependencies`. */
  stale: boolean;
  /** Changes when `data` is what the reader asked for: other `dependencies`, or a refresh. */
  version: string;
}

/**
 * Loads when `dependencies` change. While the page is visible, it loads again at the chosen rate and when the feed has
 * updates. A change of `dependencies` aborts a running load.
 */
export function useLive<Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  dependencies: readonly unknown[],
  options: Options = {},
): Live<Data> {
  const [state, setState] = useState<Live<Data>>({ data: undefined, error: undefined, stale: true, version: '' });
  const latest = useLatest({ load, ...options });
  const dependency = JSON.stringify(dependencies);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: AbortController | undefined;
    let again = false;
    let ended = false;
    const mayRefresh = createPace(UPDATE_BURST);

    const plan = () => {
      clearTimeout(timer);
      const seconds = refreshSeconds.get();
      if (ended || seconds === 0 || latest.current.off || document.hidden) return;
      timer = setTimeout(run, 1000 * Math.max(seconds, latest.current.atMostEvery ?? 0));
    };
    const run = async () => {
      clearTimeout(timer);
      // One load at a time. Requests that come during a load cause one more load after it.
      again = running !== undefined;
      if (again) return;
      const control = new AbortController();
      const version = `${dependency} ${timesAsked}`;
      running = control;
      try {
        const data = await latest.current.load(control.signal);
        if (!ended) setState({ data, error: undefined, stale: false, version });
      } catch (error) {
        if (!ended) setState((before) => ({ ...before, error: asError(error) }));
      }
      running = undefined;
      if (again && !ended) return run();
      plan();
    };
    const onVisibility = () => {
      if (document.hidden) clearTimeout(timer);
      else if (!latest.current.off && refreshSeconds.get() > 0) void run();
    };

    const onUpdates = () => {
      const { updates } = latestUpdates.get();
      const { off, atMostEvery } = latest.current;
      const seconds = refreshSeconds.get();
      if (off || atMostEvery || seconds === 0 || document.hidden) return;
      // If the pace refuses, the next regular refresh shows the change. It is at most one interval away.
      if (hasNews(updates, latest.current) && mayRefresh(now(), seconds * 1000)) void run();
    };

    setState((before) => ({ ...before, stale: true }));
    void run();
    document.addEventListener('visibilitychange', onVisibility);
    const unfollow = [
      refreshRequests.follow(() => void run()),
      latestUpdates.follow(onUpdates),
      refreshSeconds.follow(plan),
    ];
    return () => {
      ended = true;
      clearTimeout(timer);
      running?.abort();
      document.removeEventListener('visibilitychange', onVisibility);
      for (const stop of unfollow) stop();
    };
  }, [dependency]);

  return state;
}

/** Whether one of the updates concerns this part. `undefined`: any task may have changed. */
function hasNews(updates: readonly TaskUpdate[] | undefined, { concerns, showsSteps = false }: Options): boolean {
  return !updates || updates.some((update) => (showsSteps || !update.step) && (concerns?.(update) ?? true));
}

/** Holds the value of the latest render. */
function useLatest<Value>(value: Value): { current: Value } {
  const latest = useRef(value);
  latest.current = value;
  return latest;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
