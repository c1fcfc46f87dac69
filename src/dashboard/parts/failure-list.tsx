// Failures of late, alike ones as one: what needs a look first.
import type { Stats } from '../api.ts';
import { count } from '../format.ts';
import { to } from '../router.ts';
import { Time } from './time.tsx';

export function FailureList({ failures }: { failures: Stats['recent_failures'] }) {
  return (
    <>
      <h2 class="section">Recent failures</h2>
      {failures.length === 0 ? (
        <p class="card quiet all-well">Nothing failed in this span.</p>
      ) : (
        <ul class="failures">
          {failures.map(({ name, code, message, count: times, last_at, task_id }) => (
            <li key={`${name} ${code} ${message}`}>
              <a href={to(`/tasks/${task_id}`)}>
                <strong>{name}</strong>
                <span class="clip">{message || code}</span>
              </a>
              <code class="quiet">{code}</code>
              <span class="number">{count(times)} × in all</span>
              <span class="quiet">
                <Time at={last_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
