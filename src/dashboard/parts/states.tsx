// What stands where data would: while it loads, when there is none, when it could not be had.
import type { ComponentChildren } from 'preact';
import { ApiError, LostConnection } from '../send.ts';
import { Icon, type IconName } from './icon.tsx';

/** Grey lines in the place of rows to come. */
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

/** What to do about each refusal that people meet. */
const ADVICE: Record<string, string> = {
  unauthorized: 'Sign in again with a key that is still good.',
  forbidden: 'The key you signed in with may not do this. Ask for one with a wider scope.',
  rate_limited: 'Too many requests were made with this key. Wait a moment, or choose a slower refresh rate.',
  store_unavailable: 'The database does not answer just now. Nothing is lost: this page tries again by itself.',
  internal_error: 'The fault is in the Worker. Its log has more under the request id.',
};

/** An error as its reader can use it: what, why, what to do. */
export function Problem({ error, compact }: { error: Error; compact?: boolean }) {
  const api = error instanceof ApiError ? error : undefined;
  const lost = error instanceof LostConnection;
  const advice = lost ? 'This page tries again by itself.' : api ? ADVICE[api.code] : undefined;
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
