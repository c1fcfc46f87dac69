// Sets how often the page refreshes, and refreshes it now.
import { REFRESH_RATES, refreshAll, refreshSeconds } from '../live.ts';
import { useStore } from '../store.ts';
import { Icon } from './icon.tsx';

export function LiveControl() {
  const rate = useStore(refreshSeconds);
  return (
    <div class="live">
      <span class={rate === 0 ? 'pulse pulse-off' : 'pulse'} aria-hidden="true" />
      <select
        aria-label="Refresh rate"
        title="While this page is visible, it refreshes at this rate. Changes from the live feed appear sooner."
        value={String(rate)}
        onChange={(event) => refreshSeconds.set(Number(event.currentTarget.value))}
      >
        {REFRESH_RATES.map((seconds) => (
          <option key={seconds} value={String(seconds)}>
            {seconds === 0 ? 'Paused' : `Every ${seconds} s`}
          </option>
        ))}
      </select>
      <button type="button" class="icon-button" aria-label="Refresh now" title="Refresh now (r)" onClick={refreshAll}>
        <Icon name="refresh" />
      </button>
    </div>
  );
}
