// Shows instants and durations that are updated every second. An instant is relative; its tooltip has the absolute time.
import { useEffect } from 'preact/hooks';
import { now } from '../clock.ts';
import { absolute, duration, relative } from '../format.ts';
import { createStore, useStore } from '../store.ts';

const tick = createStore(now());

/** Starts the updates. Call it once, at the start. */
export function startTicking(): void {
  setInterval(() => {
    if (!document.hidden) tick.set(now());
  }, 1000);
}

export function useNow(): number {
  useEffect(() => tick.set(now()), []);
  return useStore(tick);
}

/** `12 s ago`, or `–` for null. */
export function Time({ at }: { at: string | null | undefined }) {
  const current = useNow();
  if (!at) return <span class="quiet">–</span>;
  return (
    <time datetime={at} title={absolute(at)}>
      {relative(Date.parse(at), current)}
    </time>
  );
}

/** The duration from `from` to `to`, or up to now if `to` is missing. */
export function Span({ from, to }: { from: string | null | undefined; to?: string | null }) {
  const current = useNow();
  if (!from) return <span class="quiet">–</span>;
  const milliseconds = Math.max(0, (to ? Date.parse(to) : current) - Date.parse(from));
  return <span class={to ? '' : 'running'}>{duration(milliseconds)}</span>;
}
