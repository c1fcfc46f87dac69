// Shown while the Worker cannot be reached. Tries again until it answers, at any refresh rate.
import { useEffect } from 'preact/hooks';
import { reloadAll } from '../live.ts';
import { connectionLost, send } from '../send.ts';
import { useStore } from '../store.ts';
import { Icon } from './icon.tsx';

const RETRY_MS = 2500;

export function ConnectionBanner() {
  const lost = useStore(connectionLost);
  useEffect(() => {
    if (!lost) return;
    const timer = setInterval(tryAgain, RETRY_MS);
    return () => clearInterval(timer);
  }, [lost]);
  if (!lost) return null;
  return (
    <div class="banner" role="alert">
      <Icon name="alert" />
      <span>
        <strong>Connection lost.</strong> This page may be out of date. It tries again every 2.5 seconds.
      </span>
      <button type="button" class="button" onClick={tryAgain}>
        Try again now
      </button>
    </div>
  );
}

async function tryAgain(): Promise<void> {
  // Any reply counts, also an error: then the connection works.
  await send('/healthz').catch(() => {});
  if (!connectionLost.get()) reloadAll();
}
