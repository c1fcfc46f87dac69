// Placeholders for data: while it loads, if there is none, and if loading failed.
import type { ComponentChildren } from 'preact';
import { ApiError, LostConnection } from '../send.ts';
import { Icon, type IconName } from './icon.tsx';

/** Grey bars in place of rows that are loading. */
export function Skeleton({ rows = 8 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <div class="skeleton-row" key={row}>
          <i style={{ width: `${9 + ((row * 7) % 5)}%` }} />
          <i style={{ width: `${22 + ((row * 11) % 14)}%` }} />
          <i style={{ width: `${14 + ((row * 5) % 9)}%` }} />
          <i style={{ width: '8%' }} />
        </div>
      ))}
    </div>
  );
}

export function Empty(props: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <Icon name={props.icon} />
      <h2>{props.title}</h2>
      {props.children}
    </div>
  );
}

/** By error code: advice for the reader. */
const ADVICE: Record<string, string> = {
  unauthorized: 'Sign in again with a valid API key.',
  forbidden: 'Your API key lacks the scope for this. Sign in with an API key that has it.',
  rate_limited: 'Too many requests were made with this API key. Wait a moment, or choose a slower refresh rate.',
  store_unavailable:
    'The database does not answer at the moment. Nothing is lost. This page tries again automatically.',
  internal_error: 'The Worker failed. Its log has details under the request id.',
};

/** Shows an error: what happened, why, and what to do. */
export function Problem({ error, compact }: { error: Error; compact?: boolean }) {
  const api = error instanceof ApiError ? error : undefined;
  const lost = error instanceof LostConnection;
  const advice = lost ? 'This page tries again automatically.' : api ? ADVICE[api.code] : undefined;
  return (
    <div class={compact ? 'problem problem-compact' : 'problem'} role="alert">
      <Icon name="alert" />
      <div>
        <strong>{api ? api.title : error.message}</strong>
        {api?.detail && <p>{api.detail}</p>}
        {api && api.issues.length > 0 && (
          <ul>
            {api.issues.slice(0, 20).map(({ path, message }) => (
              <li key={path + message}>
                {path && <code>{path}</code>} {message}
              </li>
            ))}
          </ul>
        )}
        {advice && <p>{advice}</p>}
        {api?.requestId && api.status >= 500 && (
          <p class="quiet">
            Request id <code>{api.requestId}</code>
          </p>
        )}
      </div>
    </div>
  );
}
