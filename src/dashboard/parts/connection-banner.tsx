// Says that the Worker is out of reach, and asks again until it is not, whatever the refresh rate.
import { useEffect } from 'preact/hooks';
import { refreshAll } from '../live.ts';
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
        <strong>Connection lost.</strong> What you see may be out of date. Trying again every few seconds.
      </span>
      <button type="button" class="button" onClick={tryAgain}>
        Try now
      </button>
    </div>
  );
}

async function tryAgain(): Promise<void> {
  // Any answer will do, also one that says the Worker is not well.
  await send('/healthz').catch(() => {});
  if (!connectionLost.get()) refreshAll();
}
