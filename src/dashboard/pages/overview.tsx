// The overview: statistics of a time span and recent failures.
import { api } from '../api.ts';
import { now } from '../clock.ts';
import { useLive } from '../live.ts';
import { FailureList } from '../parts/failure-list.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { StatsView } from '../parts/stats-view.tsx';
import { setQuery, usePlace } from '../router.ts';

const SPANS = [
  { name: '1h', title: '1 h', seconds: 3600 },
  { name: '6h', title: '6 h', seconds: 21_600 },
  { name: '24h', title: '24 h', seconds: 86_400 },
  { name: '7d', title: '7 d', seconds: 604_800 },
];

export function Overview() {
  const { query } = usePlace();
  const span = SPANS.find(({ name }) => name === query.get('span')) ?? { name: '1h', title: '', seconds: 3600 };
  const live = useLive(
    (signal) => api.stats(new Date(now() - span.seconds * 1000).toISOString(), signal),
    [span.name],
    // Statistics of a long span change slowly.
    { atMostEvery: span.seconds > 86_400 ? 60 : 0 },
  );
  return (
    <Page
      title="Overview"
      actions={
        <fieldset class="segments" aria-label="Time span">
          {SPANS.map(({ name, title }) => (
            <button
              type="button"
              key={name}
              aria-pressed={span.name === name}
              onClick={() => setQuery({ span: name === '1h' ? undefined : name })}
            >
              {title}
            </button>
          ))}
        </fieldset>
      }
    >
      <Loaded live={live} rows={12}>
        {(stats) => (
          <>
            <StatsView stats={stats} />
            <FailureList failures={stats.recent_failures} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
