// Lists the attempts of a task with their errors, batches and log lines. Empty for a single attempt without any.
import { useState } from 'preact/hooks';
import type { Attempt } from '../api.ts';
import { plural } from '../format.ts';
import { LogLines } from './log-lines.tsx';
import { LongText } from './long-text.tsx';
import { StateBadge } from './state-badge.tsx';
import { Span, Time } from './time.tsx';
import { VersionLink } from './version.tsx';

/** Attempts shown at first, latest first, and added with each click. */
const AT_ONCE = 20;

export function Attempts({ attempts }: { attempts: Attempt[] }) {
  const [shown, setShown] = useState(AT_ONCE);
  const hasDetails = attempts.some(
    ({ error, reason, batch, logs }) => error !== null || reason !== null || batch !== null || logs.length > 0,
  );
  if (!hasDetails && attempts.length < 2) return null;
  const latestFirst = attempts.map((attempt, index) => ({ attempt, number: index + 1 })).reverse();
  return (
    <section class="card">
      <h2>Attempts</h2>
      {latestFirst.slice(0, shown).map(({ attempt, number }) => (
        <OneAttempt
          key={attempt.number}
          attempt={attempt}
          number={number}
          open={number === attempts.length && attempt.logs.length > 0}
        />
      ))}
      {latestFirst.length > shown && (
        <button type="button" class="link-button" onClick={() => setShown(shown + AT_ONCE)}>
          Show {plural(Math.min(AT_ONCE, latestFirst.length - shown), 'earlier attempt')}
        </button>
      )}
    </section>
  );
}

function OneAttempt({ attempt, number, open }: { attempt: Attempt; number: number; open: boolean }) {
  const { outcome, started_at, finished_at, error, reason, batch, logs, version } = attempt;
  return (
    <details class="attempt" open={open}>
      <summary>
        <strong>{number}</strong>
        <StateBadge state={outcome} />
        <Span from={started_at} to={finished_at} />
        <span class="quiet">
          <Time at={started_at} />
        </span>
        {logs.length > 0 && <span class="quiet">{plural(logs.length, 'log line')}</span>}
      </summary>
      {version && (
        <p class="quiet">
          Version <VersionLink version={version} />
        </p>
      )}
      {batch && <p class="quiet">Ran in a batch of {plural(batch.tasks, 'task')}</p>}
      {reason && <p>{reason.message}</p>}
      {error && (
        <div class="error-message">
          <code>{error.code}</code>
          <LongText text={error.message} label={`error of attempt ${number}`} />
          {error.traceback && <LongText text={error.traceback} label={`traceback of attempt ${number}`} />}
        </div>
      )}
      {logs.length > 0 && <LogLines lines={logs} label={`Log of attempt ${number}`} />}
      {!error && !reason && logs.length === 0 && <p class="quiet">No log output</p>}
    </details>
  );
}
