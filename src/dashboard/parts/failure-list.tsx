// The recent failures, grouped by definition, code and message.
import type { Stats } from '../api.ts';
import { plural } from '../format.ts';
import { to } from '../router.ts';
import { Still } from './still.tsx';
import { Time } from './time.tsx';

type Failure = Stats['recent_failures'][number];

const idOf = ({ name, code, message }: Pick<Failure, 'name' | 'code' | 'message'>) => `${name} ${code} ${message}`;

export function FailureList({ failures }: { failures: Stats['recent_failures'] }) {
  return (
    <>
      <h2 class="section">Recent failures</h2>
      {failures.length === 0 ? (
        <p class="card quiet all-well">No task failed in this time span.</p>
      ) : (
        <Still page={{ items: failures }} idOf={idOf}>
          {({ items }) => (
            <ul class="failures">
              {items.map(({ name, code, message, count: times, last_at, task_id }) => (
                <li key={idOf({ name, code, message })}>
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
        </Still>
      )}
    </>
  );
}
