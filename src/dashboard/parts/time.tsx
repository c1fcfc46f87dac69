// Instants and spans: relative, with the absolute time on hover and focus; both keep up with the clock.
import { useEffect } from 'preact/hooks';
import { now } from '../clock.ts';
import { absolute, duration, relative } from '../format.ts';
import { createStore, useStore } from '../store.ts';

const tick = createStore(now());

/** Lets every time on the page keep up. Once, at the start. */
export function startTicking(): void {
  setInterval(() => {
    if (!document.hidden) tick.set(now());
  }, 1000);
}

export function useNow(): number {
  useEffect(() => tick.set(now()), []);
  return useStore(tick);
}

/** `12 s ago`. Nothing for null. */
export function Time({ at }: { at: string | null | undefined }) {
  const present = useNow();
  if (!at) return <span class="quiet">–</span>;
  return (
    <time datetime={at} title={absolute(at)}>
      {relative(Date.parse(at), present)}
    </time>
  );
}

/** How long something took, or has been taking. */
export function Span({ from, to }: { from: string | null | undefined; to?: string | null }) {
  const present = useNow();
  if (!from) return <span class="quiet">–</span>;
  const milliseconds = Math.max(0, (to ? Date.parse(to) : present) - Date.parse(from));
  return <span class={to ? '' : 'running'}>{duration(milliseconds)}</span>;
}
