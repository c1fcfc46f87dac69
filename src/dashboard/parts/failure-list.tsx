// The recent failures, grouped by definition, code and message.
import type { Stats } from '../api.ts';
import { plural } from '../format.ts';
import { to } from '../router.ts';
import { Time } from './time.tsx';

export function FailureList({ failures }: { failures: Stats['recent_failures'] }) {
  return (
    <>
      <h2 class="section">Recent failures</h2>
      {failures.length === 0 ? (
        <p class="card quiet all-well">No task failed in this time span.</p>
      ) : (
        <ul class="failures">
          {failures.map(({ name, code, message, count: times, last_at, task_id }) => (
            <li key={`${name} ${code} ${message}`}>
              <a href={to(`/tasks/${task_id}`)}>
                <strong>{name}</strong>
                <span class="clip">{message || code}</span>
              </a>
              <code class="quiet">{code}</code>
              <span class="number">{plural(times, 'time')} in total</span>
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
